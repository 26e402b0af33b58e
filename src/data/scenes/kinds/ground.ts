import type { Composition } from '../composition.js';
import { dashesAlong, type Station, stripAlong } from '../crossing.js';
import type { Fill } from '../description.js';
import { between } from '../draw.js';
import { move, type Point } from '../geometry.js';
import { type Rgb, vary } from '../paint.js';
import { blob, box } from '../sketches.js';

/** The ground's colour, and patches of it that are a little lighter or darker. */
export function layGround(scene: Composition, rgb: Rgb, patches: readonly Rgb[]): void {
  const { random } = scene;
  scene.ground = vary(random, rgb, 10);
  for (const patch of patches) {
    const at: Point = [between(random, 0, 1), between(random, 0, 1)];
    const spot = blob(random, between(random, 0.12, 0.3), between(random, 0.1, 0.22), 0.25);
    scene.patch({ outline: move(spot, { at, angle: scene.rotation }), rgb: patch, opacity: 0.4 });
  }
}

/** Parallel stripes over the whole picture, such as a mower's. */
export function layStripes(scene: Composition, rgb: Rgb, width: number, apart: number, opacity: number): void {
  for (let x = -0.75; x < 0.75; x += apart) {
    const outline = move(box(width, 2, [x, 0]), { at: [0.5, 0.5], angle: scene.rotation });
    scene.patch({ outline, rgb, opacity });
  }
}

/** Short strokes all over the picture, all in one direction: waves on water, furrows in a field. */
export function layStrokes(scene: Composition, rgb: Rgb, count: number, length: number, opacity: number): void {
  for (let i = 0; i < count; i++) {
    const at: Point = [between(scene.random, 0, 1), between(scene.random, 0, 1)];
    const stroke = box(between(scene.random, 0.5, 1) * length, 0.011);
    scene.patch({ outline: move(stroke, { at, angle: scene.rotation }), rgb, opacity });
  }
}

/** A broken line along the middle. */
export const centreLine = (line: readonly Station[], rgb: Rgb, width: number, length: number, gap: number): Fill[] =>
  dashesAlong(line, length, gap).map((dash) => ({
    outline: stripAlong(dash, -width / 2, width / 2),
    rgb,
    opacity: 1,
  }));

/** A darker or lighter line along both sides. */
export const sideLines = (line: readonly Station[], rgb: Rgb, width: number, thickness: number): Fill[] =>
  [-width / 2, width / 2 - thickness].map((from) => ({
    outline: stripAlong(line, from, from + thickness),
    rgb,
    opacity: 1,
  }));
