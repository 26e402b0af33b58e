import type { SceneDescription } from './description.js';
import type { Rgb } from './paint.js';
import { rasterise } from './raster.js';
import { checkSide, defaultSide } from './render.js';
import { type ThingName, thingWords } from './things.js';

const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];

/** Where each thing of a scene is seen. A mask has 0 to 255 a pixel, [side, side]: 255 where the thing covers all of it. */
export class SceneMasks {
  readonly side: number;
  readonly #names: readonly ThingName[];
  readonly #masks: readonly Uint8Array[];

  /** @param masks one for each of the description's things */
  constructor(description: SceneDescription, side: number, masks: readonly Uint8Array[]) {
    this.side = side;
    this.#names = description.things.map(({ name }) => name);
    this.#masks = masks;
  }

  /**
   * Of several things together.
   * @param things indices into the description's things, such as a mention's
   */
  of(things: readonly number[]): Uint8Array {
    const union = new Uint8Array(this.side * this.side);
    for (const thing of things) {
      const mask = this.#masks[thing]!;
      for (let i = 0; i < union.length; i++) union[i] = Math.min(255, union[i]! + mask[i]!);
    }
    return union;
  }

  /** Of everything in the scene that a word of a caption may name, such as all `planes`; undefined when there is none. */
  ofWord(word: string): Uint8Array | undefined {
    const names = thingWords.get(word) ?? [];
    const things = this.#names.flatMap((name, i) => (names.includes(name) ? [i] : []));
    return things.length === 0 ? undefined : this.of(things);
  }
}

/**
 * The masks of a scene, from the very outlines that its picture is made of. What lies over a thing is not part of its mask;
 * a shadow on it is.
 *
 * @param side of the masks, in pixels; need not be the picture's
 * @throws UsageError when the side is no whole number from 16 to 1024
 */
export async function masksOf(description: SceneDescription, side = defaultSide): Promise<SceneMasks> {
  checkSide(side);
  const solid = description.marks.filter(({ opacity, thing }) => opacity === 1 || thing !== undefined);
  const drawings = description.things.map((_, thing) => ({
    ground: black,
    fills: solid.map((mark) => ({ outline: mark.outline, rgb: mark.thing === thing ? white : black, opacity: 1 })),
  }));
  const pixels = await rasterise(drawings, side);
  const count = side * side;
  const masks = description.things.map((_, thing) =>
    Uint8Array.from({ length: count }, (_, i) => pixels[3 * (thing * count + i)]!),
  );
  return new SceneMasks(description, side, masks);
}
