import type { Stream } from '../../tensor/random.js';
import { between } from './draw.js';

/** Red, green and blue from 0 to 255, not rounded. */
export type Rgb = readonly [red: number, green: number, blue: number];

export type ColourWord = 'white' | 'red' | 'blue' | 'green' | 'yellow' | 'brown' | 'grey' | 'black' | 'orange';

/** A colour as it is seen, and the word for it. */
export interface Paint {
  readonly word: ColourWord;
  readonly rgb: Rgb;
}

/** What things are painted with: far enough apart that light and noise leave every one nearest to its own word. */
export const paints = {
  white: { word: 'white', rgb: [238, 238, 234] },
  red: { word: 'red', rgb: [196, 48, 42] },
  blue: { word: 'blue', rgb: [44, 92, 196] },
  yellow: { word: 'yellow', rgb: [236, 200, 56] },
  brown: { word: 'brown', rgb: [116, 74, 44] },
  grey: { word: 'grey', rgb: [126, 128, 132] },
  black: { word: 'black', rgb: [34, 34, 38] },
  orange: { word: 'orange', rgb: [236, 128, 32] },
  sand: { word: 'yellow', rgb: [226, 200, 124] },
  straw: { word: 'yellow', rgb: [222, 186, 72] },
  asphalt: { word: 'grey', rgb: [94, 96, 102] },
  foliage: { word: 'green', rgb: [44, 92, 42] },
  swimming: { word: 'blue', rgb: [66, 168, 220] },
  pond: { word: 'blue', rgb: [56, 104, 158] },
  blueWater: { word: 'blue', rgb: [48, 96, 166] },
  greenWater: { word: 'green', rgb: [52, 112, 84] },
  brownWater: { word: 'brown', rgb: [124, 88, 54] },
} as const satisfies Record<string, Paint>;

/** The same colour a little lighter or darker, and a little to one side. */
export function vary(random: Stream, rgb: Rgb, by: number): Rgb {
  const light = between(random, -by, by);
  return [
    light + rgb[0] + between(random, -by, by) / 2,
    light + rgb[1] + between(random, -by, by) / 2,
    light + rgb[2] + between(random, -by, by) / 2,
  ];
}

export const shade = ([red, green, blue]: Rgb, by: number): Rgb => [red * by, green * by, blue * by];
