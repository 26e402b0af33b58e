import type { ExplanationFile } from '../explain/explanation-file.js';
import type { EvaluationFile } from '../train/evaluation-file.js';
import type { RunState } from '../train/events.js';
import type { RunRecord } from '../train/record.js';
import type { Published, PublishedCaptioner } from './published.js';

/** What a reproduction of the report found, as plain data: everything that its page says comes from here. */
export interface Reproduction {
  readonly title: string;
  /** `quick`: fewer epochs than the report; `full`: the report's recipe. */
  readonly mode: 'quick' | 'full';
  /** ISO date and time. */
  readonly generated: string;
  readonly machine: RunRecord['machine'];
  readonly versions: RunRecord['versions'];
  readonly dataset: RunRecord['dataset'];
  /** Why only the sample was used: absent where it was not, or where that is not known. */
  readonly sampleBecause?: 'asked' | 'missing' | undefined;
  /** The counted networks, and the classifier's under its recipe's name. */
  readonly networks: readonly NetworkSummary[];
  /** Absent where none were examined. */
  readonly heads?: HeadsPart | undefined;
  readonly classifier: {
    readonly recipe: string;
    /** The command that does this part again. */
    readonly command: string;
    readonly runs: readonly ClassifierRun[];
    /** Index of the best run on validation; one that is not there when no run came to a result. */
    readonly best: number;
    /** Why the best run does what it does; absent where it was not asked. */
    readonly explained?: ExplainedPart | undefined;
  };
  /** Absent where none were trained. */
  readonly captioners?: CaptionerPart | undefined;
  /** The runs behind it all; their records are copied beside the page. */
  readonly ran?: readonly RecordedRun[] | undefined;
  readonly timings: readonly { readonly part: string; readonly seconds: number }[];
  /** Paragraphs for the end of the page. */
  readonly notes: readonly string[];
}

/** A classifier's run, explained, beside a network without convolutions. */
export interface ExplainedPart {
  readonly dir: string;
  readonly explanation: ExplanationFile;
  readonly beside?: { readonly dir: string; readonly shifts: ExplanationFile['shifts'] } | undefined;
}

/** Attention heads that were generated from a seed: one, the same one by an invertible B, and another one. */
export interface HeadsPart {
  /** The command that examines the first and the second again; without `--equivalent`, the first and the third. */
  readonly command: string;
  /** Inputs in the sequence that probabilities are of, L. */
  readonly length: number;
  /** Size of an input, n. */
  readonly embedding: number;
  /** Size of queries and keys, d. */
  readonly dimension: number;
  readonly heads: readonly HeadSummary[];
  /** Of the first head with each of the others. */
  readonly pairs: readonly HeadPair[];
}

export interface HeadSummary {
  readonly name: string;
  readonly rank: number;
  /** All n of A = W_Q·W_Kᵀ, falling. */
  readonly singularValues: readonly number[];
  /** Largest difference between softmax(X·A·Xᵀ) and the usual computation, without and with the scale 1/√d. */
  readonly differences: { readonly plain: number; readonly scaled: number };
  /** Numbers that W_Q and W_K have, and those that a matrix of A's rank has to itself. */
  readonly parameters: { readonly factors: number; readonly free: number };
  /** softmax(X·A·Xᵀ) by row. */
  readonly probabilities: readonly (readonly number[])[];
}

export interface HeadPair {
  readonly name: string;
  /** Between both A, over the larger, in Frobenius's norm; and what rounding can explain. */
  readonly distance: number;
  readonly tolerance: number;
  readonly same: boolean;
  /** Largest difference between both heads' probabilities. */
  readonly probabilities: number;
  /** Of the B that was recovered: its condition, and how far it is from the one that made the head. */
  readonly link?: { readonly condition: number; readonly error: number } | undefined;
}

/** How a run came about. */
export interface RecordedRun {
  /** Of its folder beside the page: safe, and none twice. */
  readonly name: string;
  readonly dir: string;
  readonly record: RunRecord;
  /** Settings that are not the recipe's own. */
  readonly changed: Readonly<Record<string, unknown>>;
  readonly state: RunState;
  readonly epochs: number;
  /** In its epochs. */
  readonly seconds: number;
}

/** Decoders that learned from one set of captions. */
export interface CaptionerPart {
  /** The command that does this part again. */
  readonly command: string;
  readonly dataset: RunRecord['dataset'];
  readonly runs: readonly CaptionerRun[];
}

/** One training of a caption decoder. Values that are not finite are NaN. */
export interface CaptionerRun {
  readonly dir: string;
  readonly seed: number;
  /** The same for runs that differ in nothing but their seed. */
  readonly setup: string;
  readonly recipe: string;
  readonly title: string;
  readonly parameters: number;
  readonly state: RunState;
  readonly epochs: readonly {
    readonly epoch: number;
    /** Mean over this epoch's steps. */
    readonly trainLoss: number;
    readonly validationBleu4: number;
    readonly seconds: number;
  }[];
  readonly reported?: PublishedCaptioner | undefined;
  readonly evaluation?: EvaluationFile | undefined;
}

export interface NetworkSummary {
  readonly name: string;
  readonly title: string;
  /** The input's shape for people, for example `28×28×3`. */
  readonly input: string;
  readonly layers: readonly {
    readonly name: string;
    readonly type: string;
    readonly output: string;
    readonly parameters: number;
    /** How the parameters are counted, for example `(5·5·3)·8 + 8`; empty for a layer without any. */
    readonly formula: string;
    readonly multiplyAdds: number;
  }[];
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** What the report counts. */
  readonly expectedParameters?: number | undefined;
}

/** One training of the classifier. Losses that are not finite are NaN. */
export interface ClassifierRun {
  readonly dir: string;
  readonly parameters: number;
  readonly seed: number;
  /** The same for runs that differ in nothing but their seed. */
  readonly setup: string;
  readonly learningRate: number;
  /** Every setting. */
  readonly configuration: RunRecord['configuration'];
  readonly epochs: readonly {
    readonly epoch: number;
    /** Mean over this epoch's steps. */
    readonly trainLoss: number;
    /** Mean over every step since the start. */
    readonly trainLossSinceStart: number;
    readonly validationLoss: number;
    readonly validationAccuracy: number;
    readonly seconds: number;
  }[];
  readonly state: RunState;
  readonly test?:
    | { readonly loss: number; readonly accuracy: number; readonly checkpoint?: 'best' | 'last' }
    | undefined;
  /** The epoch that did best on validation; 0 before the first. */
  readonly bestEpoch: number;
  /** The report's row for this learning rate. */
  readonly reported?: Published | undefined;
  /** Kernels of [height][width] weights by layer (of the first input channel). */
  readonly filters?:
    | readonly { readonly layer: string; readonly kernels: readonly (readonly (readonly number[])[])[] }[]
    | undefined;
  /** `counts[i][j]`: test images of class i that were taken for class j. */
  readonly confusion?:
    | { readonly classes: readonly string[]; readonly counts: readonly (readonly number[])[] }
    | undefined;
}
