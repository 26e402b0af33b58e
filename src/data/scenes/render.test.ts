import { describe, expect, it } from 'vitest';
import { describeScene } from './describe.js';
import { type SceneDescription, sceneKinds } from './description.js';
import { areaOf, clip, contains, type Point } from './geometry.js';
import { masksOf, type SceneMasks } from './masks.js';
import { type ColourWord, paints, type Rgb } from './paint.js';
import { renderScene, renderScenes } from './render.js';
import { thingWords } from './things.js';

const side = 64;
const scenes = Array.from({ length: 28 }, (_, index) => describeScene(11, index));

describe('rendering', () => {
  it.each([side, 100])('gives the same pixels one by one and together, at %i pixels', async (size) => {
    const few = scenes.slice(0, 3);
    const together = await renderScenes(few, size);
    expect(together.length).toBe(few.length * size * size * 3);
    for (const [i, scene] of few.entries()) {
      const { width, height, pixels } = await renderScene(scene, size);
      expect([width, height]).toEqual([size, size]);
      expect(Buffer.compare(pixels, together.subarray(i * pixels.length, (i + 1) * pixels.length))).toBe(0);
    }
  });

  it('fills more than a sheet, in order', async () => {
    const indices = Array.from({ length: 40 }, (_, i) => i);
    const all = await renderScenes(
      indices.map((index) => describeScene(1, index)),
      side,
    );
    const { pixels } = await renderScene(describeScene(1, 39), side);
    expect(Buffer.compare(pixels, all.subarray(39 * pixels.length))).toBe(0);
  });

  it.each([0, 15, 2000, 64.5, Number.NaN])('refuses a side of %d', async (wrong) => {
    await expect(renderScene(scenes[0]!, wrong)).rejects.toThrow(`from 16 to 1024, got ${wrong}`);
    await expect(masksOf(scenes[0]!, wrong)).rejects.toThrow(`from 16 to 1024, got ${wrong}`);
  });
});

describe('masks', () => {
  it.each(sceneKinds)('are where the outlines are and have the colours that are said: %s', async (kind) => {
    for (const scene of scenes.filter((one) => one.kind === kind)) {
      const masks = await masksOf(scene, side);
      const { pixels } = await renderScene(scene, side);
      checkCover(scene, masks);
      for (const group of scene.groups) {
        const mask = masks.of(group.things);
        const colour = medianUnder(mask, pixels).map((value) => value / scene.light.gain);
        expect(nearestWord(colour as unknown as Rgb), `${group.colour} ${group.name}`).toBe(group.colour);
        const area = sum(mask) / 255 / side ** 2;
        expect(area).toBeGreaterThan(0.006);
        expect(area).toBeLessThan(0.3);
      }
    }
  });

  it('have the area of the outline where nothing lies over it', async () => {
    for (const scene of scenes) {
      const masks = await masksOf(scene, side);
      for (const { name, things, on, course } of scene.groups) {
        if (course || name === 'tree' || on) continue;
        const drawn = things.reduce((total, thing) => total + areaOf(clip(scene.things[thing]!.outline)), 0);
        const seen = sum(masks.of(things)) / 255 / side ** 2;
        expect(Math.abs(seen / drawn - 1), name).toBeLessThan(0.06);
      }
    }
  });

  it('are found by the words of captions', async () => {
    const [scene] = scenes;
    const masks = await masksOf(scene!, side);
    for (const { tokens, mentions } of scene!.captions) {
      for (const { token, things } of mentions) {
        const named = masks.of(things);
        const word = masks.ofWord(tokens[token]!)!;
        expect(named.every((value, i) => value <= word[i]!)).toBe(true);
        expect(sum(named)).toBeGreaterThan(0);
      }
    }
    expect(masks.ofWord('the')).toBeUndefined();
    expect(masks.ofWord('ship')).toBeUndefined();
    expect(thingWords.get('planes')).toEqual(['plane']);
  });
});

/** Against samples: the uppermost polygon at a point is the thing that is seen there. */
function checkCover(scene: SceneDescription, masks: SceneMasks): void {
  const grid = 2 * side;
  const counts = scene.things.map(() => new Float64Array(side * side));
  const solid = scene.marks.filter(({ thing }) => thing !== undefined).toReversed();
  for (let y = 0; y < grid; y++) {
    for (let x = 0; x < grid; x++) {
      const point: Point = [(x + 0.5) / grid, (y + 0.5) / grid];
      const seen = solid.find(({ outline }) => contains(outline, point))?.thing;
      if (seen !== undefined) counts[seen]![(y >> 1) * side + (x >> 1)]! += 255 / 4;
    }
  }
  for (const group of scene.groups) {
    const mask = masks.of(group.things);
    const sampled = Float64Array.from(mask, (_, i) => sum(group.things.map((thing) => counts[thing]![i]!)));
    const apart = sampled.reduce((total, value, i) => total + Math.abs(value - mask[i]!), 0);
    // Half of the pixels at an edge are off by an eighth, and thin shapes are nearly all edge.
    expect(apart / sum(mask), group.name).toBeLessThan(0.16);
    expect(Math.abs(sum(sampled) / sum(mask) - 1), group.name).toBeLessThan(0.05);
  }
}

function medianUnder(mask: Uint8Array, pixels: Uint8Array): number[] {
  return [0, 1, 2].map((channel) => {
    const values = Array.from(mask.keys())
      .filter((i) => mask[i]! > 250)
      .map((i) => pixels[3 * i + channel]!)
      .sort((a, b) => a - b);
    return values[values.length >> 1]!;
  });
}

function nearestWord(rgb: Rgb): ColourWord {
  const apart = (paint: Rgb): number => Math.hypot(...paint.map((value, channel) => value - rgb[channel]!));
  return Object.values(paints).reduce((best, paint) => (apart(paint.rgb) < apart(best.rgb) ? paint : best)).word;
}

const sum = (values: ArrayLike<number>): number =>
  Array.prototype.reduce.call(values, (a, b) => (a as number) + (b as number), 0) as number;
