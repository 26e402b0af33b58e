import { UsageError } from '../../errors.js';
import { configure } from '../configure.js';
import type { HalvingRule } from './halving.js';
import type { SweepPlan } from './plan.js';

/**
 * The rungs of a plan: after `minEpochs` and every `eta` times as many, below the epochs of the whole training, and those.
 * @param trials how many there are
 * @returns undefined where every trial is trained to its end
 * @throws UsageError when the plan varies the epochs, they leave nothing to halve, or the trials are too few for one to come to its end
 */
export function halvingRule(plan: Omit<SweepPlan, 'dir'>, trials: number): HalvingRule | undefined {
  const { recipe, settings, grid, random, halving } = plan;
  if (halving === undefined) return undefined;
  if (Object.hasOwn(grid, 'epochs') || Object.hasOwn(random?.ranges ?? {}, 'epochs'))
    throw new UsageError(
      'epochs: halving decides how many a trial has, --set epochs=… is the most; they cannot be varied',
    );
  const { mode, eta, minEpochs } = halving;
  const most = recipe.training?.(configure(recipe, settings) as never).epochs ?? 0;
  if (minEpochs >= most)
    throw new UsageError(
      `halving: the first rung is to have fewer than the ${most} epochs of ${recipe.name}, not ${minEpochs}`,
    );
  const rungs: number[] = [];
  for (let epochs = minEpochs; epochs < most; epochs *= eta) rungs.push(epochs);
  const least = eta ** rungs.length;
  if (trials < least) {
    const halvings = Math.floor(Math.log(trials) / Math.log(eta) + 1e-9);
    const later = halvings < 1 ? '' : `, or a first rung of ${Math.ceil(most / eta ** halvings)} epochs`;
    throw new UsageError(
      `halving: with rungs of ${rungs.join(', ')} and ${most} epochs, after which one trial in ${eta} goes on, at least ${least} trials ` +
        `are expected${later}; ${trials} came`,
    );
  }
  return { rungs: [...rungs, most], eta, mode };
}
