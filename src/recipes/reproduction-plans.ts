import { captionSetsIn } from '../data/registry.js';
import type { SweepPlan } from './sweep/plan.js';
import { captionerNamed, classifierNamed } from './table.js';

export interface PlanOptions {
  /** `quick`: minutes; `full`: the report's recipe. */
  readonly mode: 'quick' | 'full';
  readonly seed: number;
  /** Folder of the runs. */
  readonly runs: string;
}

/** The rates that the report compares, in its order. */
const rates = [0.01, 0.001, 0.1];

const quickEpochs = 2;
/** The sample's epochs are short. */
const quickSampleEpochs = 15;

/** @param sample whether only the bundled sample of the data is there */
export function classifierPlan(options: PlanOptions, sample: boolean): SweepPlan {
  const epochs = sample ? quickSampleEpochs : quickEpochs;
  return {
    recipe: classifierNamed('fashion-cnn'),
    settings: options.mode === 'full' ? {} : { epochs },
    grid: { lr: rates },
    seed: options.seed,
    dir: folderOf(options, sample ? '-sample' : ''),
  };
}

/** The network without convolutions that answers to shifts are compared with. @param sample as `classifierPlan`'s */
export function besidePlan(options: PlanOptions, sample: boolean): SweepPlan {
  const { settings } = classifierPlan(options, sample);
  return {
    recipe: classifierNamed('fashion-mlp'),
    settings,
    grid: { seed: [options.seed] },
    seed: options.seed,
    dir: folderOf(options, sample ? '-fashion-mlp-sample' : '-fashion-mlp'),
  };
}

/** Captions that were found in the data root, and the encoder to look at their images through. */
export interface CaptionData {
  readonly dataset: string;
  readonly encoder: string;
  readonly features: string | undefined;
}

/** Both decoders of the report, in its order. @param data what they learn from: scenes, when left out */
export const captionerPlans = (options: PlanOptions, data: CaptionData | undefined): SweepPlan[] =>
  ['captioner', 'captioner-attention'].map((name) => ({
    recipe: captionerNamed(name),
    settings: data ? { ...data, features: data.features ?? null } : scenesSettings(options, name),
    grid: { seed: [options.seed] },
    seed: options.seed,
    dir: folderOf(options, `-${name}${data ? `-${data.dataset}` : ''}`),
  }));

const scenesSettings = ({ mode }: PlanOptions, name: string): Record<string, unknown> => {
  const { attention, ...settings } = scenesBy[mode];
  return { dataset: 'scenes', ...settings, ...(name === 'captioner-attention' && { attention }) };
};

/** Slower and wider in full: attention comes to lie on what words name, which a quick training has no time for. */
const scenesBy = {
  quick: {
    ...{ scenes: 1000, channels: [16, 32, 64], hidden: 192, embedding: 96, attention: 96 },
    ...{ epochs: 5, lr: 3e-3, schedule: 'cosine', dropout: 0.3 },
  },
  full: {
    ...{ scenes: 2000, channels: [24, 48, 96], hidden: 256, embedding: 128, attention: 128 },
    ...{ epochs: 12, lr: 1e-3, schedule: 'cosine', dropout: 0.3 },
  },
};

const folderOf = ({ mode, seed, runs }: PlanOptions, more: string): string =>
  `${runs}/reproduce-${mode}${more}${seed === 42 ? '' : `-seed-${seed}`}`;

/** Sets of captions for aerial images, the report's first. */
const known = ['sydney-captions', 'ucm-captions', 'rsicd-captions'];

/** The first known set of captions in a data root whose images are all there. */
export async function captionsAtHand(root: string): Promise<string | undefined> {
  const sets = await captionSetsIn(root);
  return known.find((name) => sets.find((set) => set.name === name)?.found?.missing.length === 0);
}
