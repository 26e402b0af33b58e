import { UsageError } from '../errors.js';
import { chain, type Transform } from './transform.js';
import { accumulateMomentum, addWeightDecay, clipByGlobalNorm, scaleByAdam } from './transforms.js';

export interface SgdOptions {
  /** Share of the last step's velocity that is kept, in [0, 1); 0 when left out. */
  readonly momentum?: number;
  /** Looks ahead along the velocity (Nesterov, 1983); needs a momentum. */
  readonly nesterov?: boolean;
  /** Times the parameter, added to its gradient; from 0, and 0 when left out. */
  readonly weightDecay?: number;
  /** Largest Euclidean norm of all gradients together, above 0; before weight decay. No limit when left out. */
  readonly clipNorm?: number;
}

/**
 * Stochastic gradient descent as PyTorch's `torch.optim.SGD` (its dampening is 0). The learning rate is given to each step.
 * @throws UsageError naming the option that is out of range
 */
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
  /** Decays of the averages of the gradients and of their squares, in [0, 1); 0.9 and 0.999 when left out. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the squares' average, from 0; 1e-8 when left out. */
  readonly eps?: number;
  /** From 0; when left out 0 for Adam, 0.01 for AdamW, as in PyTorch. */
  readonly weightDecay?: number;
  /** Largest Euclidean norm of all gradients together, above 0; before weight decay. No limit when left out. */
  readonly clipNorm?: number;
}

/**
 * Adam as PyTorch's `torch.optim.Adam` (Kingma and Ba, 2015): weight decay is added to the gradient. The learning rate is
 * given to each step.
 * @throws UsageError naming the option that is out of range
 */
export function adam({ betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, clipNorm }: AdamOptions = {}): Transform {
  checkAdam(betas, eps, weightDecay);
  return chain(
    ...clipping(clipNorm),
    ...(weightDecay > 0 ? [addWeightDecay(weightDecay)] : []),
    scaleByAdam(betas[0], betas[1], eps),
  );
}

/**
 * AdamW as PyTorch's `torch.optim.AdamW` (Loshchilov and Hutter, 2019): a step also takes learning rate · weight decay of
 * the parameter away from it, apart from the gradient. The learning rate is given to each step.
 * @throws UsageError naming the option that is out of range
 */
export function adamW({ betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01, clipNorm }: AdamOptions = {}): Transform {
  checkAdam(betas, eps, weightDecay);
  return chain(...clipping(clipNorm), scaleByAdam(betas[0], betas[1], eps), addWeightDecay(weightDecay));
}

const clipping = (clipNorm: number | undefined): Transform[] => {
  if (clipNorm === undefined) return [];
  if (!(clipNorm > 0)) throw new UsageError(`clipNorm: a number above 0 is expected, ${clipNorm} came`);
  return [clipByGlobalNorm(clipNorm)];
};

function checkAdam(betas: readonly [number, number], eps: number, weightDecay: number): void {
  betas.forEach((beta, i) => {
    within(`betas[${i}]`, beta, 0, 1);
  });
  atLeastZero('eps', eps);
  atLeastZero('weightDecay', weightDecay);
}

function within(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value < high))
    throw new UsageError(`${name}: a number in [${low}, ${high}) is expected, ${value} came`);
}

function atLeastZero(name: string, value: number): void {
  if (!(value >= 0)) throw new UsageError(`${name}: a number from 0 is expected, ${value} came`);
}
