import type { Preprocessing } from '../../data/images/preprocess.js';
import type { TakenImages } from '../../recipes/classifier-input.js';
import type { DeviceChoice } from '../../runtime/open-node.js';

/** What a model's thread is started with. */
export interface ModelSettings {
  /** The run folder. */
  readonly dir: string;
  readonly checkpoint?: 'last' | 'best' | undefined;
  readonly threads?: number | undefined;
  readonly device?: DeviceChoice | undefined;
  /** Of a captioner; as configured when left out. */
  readonly beam?: number | undefined;
  readonly consensus?: boolean | undefined;
  /** The most images at once, from 1. */
  readonly batch: number;
}

/** What a run can be asked. */
export type ModelDescription = {
  readonly recipe: string;
  /** Steps of its training. */
  readonly step: number;
  /** The most images at once. */
  readonly batch: number;
} & (
  | {
      readonly kind: 'captioner';
      readonly preprocessing: Preprocessing;
      readonly beam: number;
      readonly consensus: boolean;
      /** Whether its words come with where it looked. */
      readonly attends: boolean;
    }
  | { readonly kind: 'classifier'; readonly taken: TakenImages; readonly classes: readonly string[] }
);

/** Images of one batch: bytes, as `imageReader` gives them. */
export interface BatchOrder {
  readonly type: 'batch';
  readonly images: readonly Uint8Array[];
  /** Captions an image. */
  readonly best: number;
}

/** One caption, its words with what belongs to each. */
export interface CaptionAnswer {
  readonly caption: string;
  readonly words: readonly string[];
  /** By word; the end's comes last where it ended. */
  readonly wordLogProbabilities: readonly number[];
  readonly logProbability: number;
  readonly ended: boolean;
  readonly attention?: readonly Float32Array[];
}

/** Of an image. */
export type ModelAnswer =
  | { readonly kind: 'captioner'; readonly captions: readonly CaptionAnswer[] }
  /** Probabilities by class. */
  | { readonly kind: 'classifier'; readonly probabilities: Float32Array };

/** What the thread says: once that it is ready, or why not; then to every batch its answers, in order. */
export type Reply =
  | { readonly type: 'ready'; readonly model: ModelDescription }
  /** Of a LegendaError. */
  | { readonly type: 'refused'; readonly message: string; readonly usage: boolean }
  | { readonly type: 'answers'; readonly answers: readonly ModelAnswer[] }
  | { readonly type: 'failed'; readonly message: string };
