import { Command } from 'commander';
import { equivarianceCommand } from './explain/equivariance.js';
import { headsCommand } from './explain/heads.js';

export function explainCommand(): Command {
  return new Command('explain')
    .description('show why a model does what it does')
    .addCommand(headsCommand())
    .addCommand(equivarianceCommand());
}
