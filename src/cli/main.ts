#!/usr/bin/env node
import { dataCommand } from './data.js';
import { run } from './frame/run.js';

/**
 * Every command, in the order of `--help`. A command file declares arguments and options and imports the rest inside its
 * action, so that `--help` and a mistyped option answer at once.
 */
const commands = [dataCommand];

process.exitCode = await run(commands, process.argv.slice(2));
