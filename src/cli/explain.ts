import { Command } from 'commander';
import { activationsCommand } from './explain/activations.js';
import { equivarianceCommand } from './explain/equivariance.js';
import { filtersCommand } from './explain/filters.js';
import { headsCommand } from './explain/heads.js';
import { saliencyCommand } from './explain/saliency.js';

export function explainCommand(): Command {
  return new Command('explain')
    .description('show why a model does what it does')
    .addCommand(headsCommand())
    .addCommand(equivarianceCommand())
    .addCommand(filtersCommand())
    .addCommand(activationsCommand())
    .addCommand(saliencyCommand());
}
