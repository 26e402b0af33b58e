import type { Caption } from '../captions/caption-set.js';
import type { Outline, Point } from './geometry.js';
import type { ColourWord, Rgb } from './paint.js';
import type { Course, Place, Relation } from './places.js';
import type { ThingName } from './things.js';

/** The kinds of scene of Sydney-Captions. */
export const sceneKinds = ['residential', 'airport', 'meadow', 'river', 'ocean', 'industrial', 'runway'] as const;

export type SceneKind = (typeof sceneKinds)[number];

/** One thing in the picture, where it ended up after the scene's rotation and scale. */
export interface Thing {
  readonly name: ThingName;
  readonly colour: ColourWord;
  /** May leave the picture. */
  readonly outline: Outline;
}

/** Things that captions speak of together: one, or several of a kind and colour. No other group has both the same. */
export interface Group {
  readonly name: ThingName;
  readonly colour: ColourWord;
  /** Indices into the description's things. */
  readonly things: readonly number[];
  /** Centroid of what is seen of them. */
  readonly centre: Point;
  /** Where the centre is; undefined for what crosses the picture. */
  readonly place: Place | undefined;
  /** How it crosses the picture; undefined for what has a place. */
  readonly course: Course | undefined;
  /** Where all of it is from what crosses the picture. */
  readonly side: Relation | undefined;
  /** Whether all of it is close to what crosses the picture. */
  readonly beside: boolean;
  /** Whether it lies on what crosses the picture. */
  readonly on: boolean;
}

/** A polygon to be painted. */
export interface Fill {
  readonly outline: Outline;
  readonly rgb: Rgb;
  /** In (0, 1]. */
  readonly opacity: number;
}

export interface Mark extends Fill {
  /** The thing that it is part of; undefined for ground and shadows. */
  readonly thing: number | undefined;
}

export interface Light {
  /** Factor on every channel; 1 is plain daylight. */
  readonly gain: number;
  /** Factor on red, and its inverse on blue. */
  readonly warmth: number;
  /** Change of the gain from one edge to the other, rightwards and downwards. */
  readonly slope: Point;
  /** Where a shadow falls from what is 1 high. */
  readonly shadow: Point;
  /** Standard deviation of the noise, in steps of 255. */
  readonly grain: number;
}

/** A word of a caption that names things. */
export interface Mention {
  /** Index into the caption's tokens. */
  readonly token: number;
  /** Indices into the description's things. */
  readonly things: readonly number[];
}

export interface SceneCaption extends Caption {
  readonly mentions: readonly Mention[];
}

/** A scene before it is rendered: all that is said and drawn follows from it. */
export interface SceneDescription {
  readonly seed: number;
  readonly index: number;
  readonly kind: SceneKind;
  /** Turns the scene's own directions (rows of houses, streets), in radians. */
  readonly rotation: number;
  /** Multiplies the sizes of all things. */
  readonly scale: number;
  readonly light: Light;
  readonly ground: Rgb;
  /** In the order in which they are painted, over the ground. */
  readonly marks: readonly Mark[];
  readonly things: readonly Thing[];
  /** What crosses the picture comes first, if anything does; then the most striking. */
  readonly groups: readonly Group[];
  /** Five, all different. */
  readonly captions: readonly SceneCaption[];
}
