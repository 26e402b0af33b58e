import { UsageError } from '../errors.js';
import { chain, type Transform } from './transform.js';
import { accumulateMomentum, addWeightDecay, clipByGlobalNorm, scaleByAdam } from './transforms.js';

export interface SgdOptions {
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
  /** Largest norm of all gradients together. */
  readonly clipNorm?: number;
}

/** Stochastic gradient descent as PyTorch's `torch.optim.SGD`. @throws UsageError on numbers out of range. */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0, clipNorm }: SgdOptions = {}): Transform {
  within('momentum', momentum, 0, 1);
  atLeastZero('weightDecay', weightDecay);
  if (nesterov && momentum === 0) throw new UsageError('sgd: nesterov needs a momentum above 0');
  return chain(
    ...clipping(clipNorm),
    ...(weightDecay > 0 ? [addWeightDecay(weightDecay)] : []),
    ...(momentum > 0 ? [accumulateMomentum(momentum, nesterov)] : []),
  );
}

export interface AdamOptions {
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
  readonly clipNorm?: number;
}

/** Adam as PyTorch's `torch.optim.Adam`: weight decay is part of the gradient. @throws UsageError on numbers out of range. */
export function adam({ betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, clipNorm }: AdamOptions = {}): Transform {
  checkAdam(betas, weightDecay);
  return chain(
    ...clipping(clipNorm),
    ...(weightDecay > 0 ? [addWeightDecay(weightDecay)] : []),
    scaleByAdam(betas[0], betas[1], eps),
  );
}

/** AdamW as PyTorch's `torch.optim.AdamW`: decay apart from the gradient (Loshchilov and Hutter, 2019). @throws UsageError */
export function adamW({ betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01, clipNorm }: AdamOptions = {}): Transform {
  checkAdam(betas, weightDecay);
  return chain(...clipping(clipNorm), scaleByAdam(betas[0], betas[1], eps), addWeightDecay(weightDecay));
}

const clipping = (clipNorm: number | undefined): Transform[] => {
  if (clipNorm === undefined) return [];
  if (!(clipNorm > 0)) throw new UsageError(`clipNorm: a number above 0 is expected, ${clipNorm} came`);
  return [clipByGlobalNorm(clipNorm)];
};

function checkAdam(betas: readonly [number, number], weightDecay: number): void {
  betas.forEach((beta, i) => {
    within(`betas[${i}]`, beta, 0, 1);
  });
  atLeastZero('weightDecay', weightDecay);
}

function within(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value < high))
    throw new UsageError(`${name}: a number in [${low}, ${high}) is expected, ${value} came`);
}

function atLeastZero(name: string, value: number): void {
  if (!(value >= 0)) throw new UsageError(`${name}: a number from 0 is expected, ${value} came`);
}
