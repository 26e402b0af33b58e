import type { Fill } from './description.js';
import type { Outline } from './geometry.js';
import type { Rgb } from './paint.js';

/** Steps of a pixel: what librsvg's rasteriser resolves, so that a picture does not depend on where in a sheet it lies. */
const steps = 256;

/** A square picture: polygons painted in order over the ground. */
export interface Drawing {
  readonly ground: Rgb;
  readonly fills: readonly Fill[];
}

/** Drawings one below the other, as one SVG of `side` × `side · drawings.length` pixels. */
export function svgSheet(drawings: readonly Drawing[], side: number): string {
  const units = side * steps;
  const parts = drawings.map(
    ({ ground, fills }, i) =>
      `<svg y="${i * side}" width="${side}" height="${side}" viewBox="0 0 ${units} ${units}">` +
      `<path fill="${hex(ground)}" d="M0 0H${units}V${units}H0Z"/>${paths(fills, units)}</svg>`,
  );
  const size = `width="${side}" height="${side * drawings.length}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${parts.join('')}</svg>`;
}

/** Neighbours of one look become one path: what overlaps is then not painted twice. */
function paths(fills: readonly Fill[], units: number): string {
  let look = '';
  let text = '';
  for (const { outline, rgb, opacity } of fills) {
    const next = `<path fill="${hex(rgb)}"${opacity < 1 ? ` fill-opacity="${opacity}"` : ''} d="`;
    if (next !== look) text += look === '' ? next : `"/>${next}`;
    look = next;
    text += path(outline, units);
  }
  return look === '' ? '' : `${text}"/>`;
}

/** Corners relative to the ones before are shorter, and much of the renderer's time goes into reading numbers. */
function path(outline: Outline, units: number): string {
  let text = '';
  let fromX = 0;
  let fromY = 0;
  for (const [x, y] of outline) {
    const toX = Math.round(x * units);
    const toY = Math.round(y * units);
    text += `${text === '' ? 'M' : 'l'}${toX - fromX} ${toY - fromY}`;
    fromX = toX;
    fromY = toY;
  }
  return `${text}z`;
}

const hex = (rgb: Rgb): string => `#${rgb.map((value) => clampByte(value).toString(16).padStart(2, '0')).join('')}`;

const clampByte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));
