import { type Stream, uniform } from '../../tensor/random.js';
import { between } from './draw.js';
import type { Outline, Point } from './geometry.js';
import type { Rgb } from './paint.js';

/** A thing as drawn: around the origin, its front upwards. */
export interface Sketch {
  readonly body: Outline;
  readonly details: readonly Detail[];
  /** How far its shadow falls, in parts of the picture. */
  readonly height: number;
}

interface Detail {
  readonly outline: Outline;
  /** A colour, or a factor on the body's. */
  readonly tone: Rgb | number;
}

/** @param half points of the right half, from the front to the back */
const mirrored = (half: Outline): Outline => [...half, ...half.map(([x, y]): Point => [-x, y]).reverse()];

const scaled = (outline: Outline, width: number, height = width): Outline =>
  outline.map(([x, y]): Point => [x * width, y * height]);

const planeHalf: Outline = [
  [0.02, -0.5],
  [0.065, -0.42],
  [0.075, -0.16],
  [0.46, 0.1],
  [0.46, 0.2],
  [0.075, 0.12],
  [0.06, 0.34],
  [0.2, 0.43],
  [0.2, 0.5],
  [0.02, 0.49],
];

export const plane = (length: number): Sketch => ({
  body: scaled(mirrored(planeHalf), length),
  details: [
    { outline: box(0.05 * length, 0.05 * length, [0, -0.42 * length]), tone: [40, 48, 60] },
    { outline: box(0.035 * length, 0.5 * length, [0, 0.1 * length]), tone: 0.84 },
  ],
  height: 0.035,
});

const hullHalf: Outline = [
  [0.04, -0.5],
  [0.3, -0.36],
  [0.5, -0.16],
  [0.5, 0.4],
  [0.38, 0.5],
];

export const ship = (length: number): Sketch => ({
  body: scaled(mirrored(hullHalf), 0.27 * length, length),
  details: [
    { outline: box(0.17 * length, 0.1 * length, [0, 0.36 * length]), tone: [214, 216, 214] },
    { outline: box(0.13 * length, 0.1 * length, [0, 0.1 * length]), tone: 0.72 },
    { outline: box(0.13 * length, 0.1 * length, [0, -0.1 * length]), tone: 0.72 },
  ],
  height: 0.02,
});

export const boat = (length: number): Sketch => ({
  body: scaled(mirrored(hullHalf), 0.44 * length, length),
  details: [{ outline: box(0.2 * length, 0.2 * length, [0, 0.14 * length]), tone: 0.66 }],
  height: 0.01,
});

/** Spreads behind what moves through water; no part of it. */
export const wake = (length: number): Outline => [
  [-0.14 * length, 0.42 * length],
  [0.14 * length, 0.42 * length],
  [0.34 * length, 1.25 * length],
  [0, 1.05 * length],
  [-0.34 * length, 1.25 * length],
];

/** A gable roof: one side in the sun. */
export const house = (width: number, length: number): Sketch => ({
  body: box(width, length),
  details: [
    { outline: box(width / 2, length, [width / 4, 0]), tone: 0.84 },
    { outline: box(0.012, length), tone: 0.62 },
  ],
  height: 0.035,
});

/** A flat roof with skylights. */
export const building = (width: number, length: number): Sketch => ({
  body: box(width, length),
  details: [-0.3, 0, 0.3].map((part) => ({
    outline: box(0.66 * width, 0.07 * length, [0, part * length]),
    tone: 0.78,
  })),
  height: 0.045,
});

/** A long hall with two piers. */
export const terminal = (width: number, length: number): Sketch => ({
  body: [
    [-width / 2, -length / 2],
    [width / 2, -length / 2],
    [width / 2, length * 0.1],
    [width * 0.36, length * 0.1],
    [width * 0.36, length / 2],
    [width * 0.2, length / 2],
    [width * 0.2, length * 0.1],
    [-width * 0.2, length * 0.1],
    [-width * 0.2, length / 2],
    [-width * 0.36, length / 2],
    [-width * 0.36, length * 0.1],
    [-width / 2, length * 0.1],
  ],
  details: [{ outline: box(0.86 * width, 0.1 * length, [0, -0.2 * length]), tone: 0.8 }],
  height: 0.045,
});

export const tank = (diameter: number): Sketch => ({
  body: disc(diameter / 2),
  details: [
    { outline: disc(0.36 * diameter), tone: 0.86 },
    { outline: disc(0.29 * diameter), tone: 1 },
    { outline: box(0.05 * diameter, 0.5 * diameter, [0, 0.25 * diameter]), tone: 0.7 },
  ],
  height: 0.04,
});

export const container = (width: number, length: number): Sketch => ({
  body: box(width, length),
  details: [-0.33, -0.11, 0.11, 0.33].map((part) => ({
    outline: box(width, 0.05 * length, [0, part * length]),
    tone: 0.76,
  })),
  height: 0.02,
});

export const haystack = (diameter: number): Sketch => ({
  body: disc(diameter / 2),
  details: [
    { outline: disc(0.3 * diameter), tone: 0.84 },
    { outline: disc(0.18 * diameter), tone: 1.06 },
  ],
  height: 0.02,
});

export function tree(random: Stream, diameter: number): Sketch {
  const body = blob(random, diameter / 2, diameter / 2, 0.16);
  const lit = scaled(body, 0.5).map(([x, y]): Point => [x - 0.1 * diameter, y - 0.1 * diameter]);
  return { body, details: [{ outline: lit, tone: 1.3 }], height: 0.03 };
}

export const pool = (width: number, length: number): Sketch => ({
  body: roundedBox(width, length),
  details: [{ outline: scaled(roundedBox(width, length), 0.45), tone: 0.9 }],
  height: 0,
});

export function pond(random: Stream, width: number, length: number): Sketch {
  const body = blob(random, width / 2, length / 2, 0.2);
  return { body, details: [{ outline: scaled(body, 0.66), tone: 0.88 }], height: 0 };
}

export function island(random: Stream, width: number, length: number): Sketch {
  const body = blob(random, width / 2, length / 2, 0.22);
  const wood = scaled(body, 0.4).map(([x, y]): Point => [x + 0.06 * width, y - 0.05 * length]);
  return { body, details: [{ outline: wood, tone: 1.35 }], height: 0 };
}

/** @param width along the water, @param length across it */
export const bridge = (width: number, length: number): Sketch => ({
  body: box(width, length),
  details: [{ outline: box(0.62 * width, length), tone: 0.82 }],
  height: 0.03,
});

export const box = (width: number, length: number, [x, y]: Point = [0, 0]): Outline => [
  [x - width / 2, y - length / 2],
  [x + width / 2, y - length / 2],
  [x + width / 2, y + length / 2],
  [x - width / 2, y + length / 2],
];

const disc = (radius: number): Outline => ring(20, () => radius);

/** An uneven round patch; `unevenness` in [0, 0.3] of the radius. */
export function blob(random: Stream, radiusX: number, radiusY: number, unevenness: number): Outline {
  const phases = [2, 3, 5].map((waves) => [waves, 2 * Math.PI * uniform(random), between(random, 0.2, 0.5)] as const);
  const radius = (angle: number): number =>
    phases.reduce((sum, [waves, phase, part]) => sum + unevenness * part * Math.cos(waves * angle + phase), 1);
  return scaled(ring(22, radius), radiusX, radiusY);
}

function roundedBox(width: number, length: number): Outline {
  const x = width / 2;
  const y = length / 2;
  const cut = 0.3 * Math.min(x, y);
  return mirrored([
    [x - cut, -y],
    [x - 0.3 * cut, -y + 0.3 * cut],
    [x, -y + cut],
    [x, y - cut],
    [x - 0.3 * cut, y - 0.3 * cut],
    [x - cut, y],
  ]);
}

const ring = (corners: number, radius: (angle: number) => number): Outline =>
  Array.from({ length: corners }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / corners;
    return [radius(angle) * Math.cos(angle), radius(angle) * Math.sin(angle)];
  });
