#!/usr/bin/env node
import { benchCommand } from './bench.js';
import { captionCommand } from './caption.js';
import { dataCommand } from './data.js';
import { describeCommand } from './describe.js';
import { evaluateCommand } from './evaluate.js';
import { explainCommand } from './explain.js';
import { exportCommand } from './export.js';
import { run } from './frame/run.js';
import { jobsCommand } from './jobs.js';
import { reportCommand } from './report.js';
import { reproduceCommand } from './reproduce.js';
import { scoreCommand } from './score.js';
import { searchCommand } from './search.js';
import { serveCommand } from './serve.js';
import { studioCommand } from './studio.js';
import { summaryCommand } from './summary.js';
import { sweepCommand } from './sweep.js';
import { trainCommand } from './train.js';
import { workerCommand } from './worker.js';

/**
 * Every command, in the order of `--help`. A command file declares arguments and options and imports the rest inside its
 * action, so that `--help` and a mistyped option answer at once.
 */
const commands = [
  reproduceCommand,
  summaryCommand,
  trainCommand,
  sweepCommand,
  evaluateCommand,
  captionCommand,
  scoreCommand,
  explainCommand,
  reportCommand,
  exportCommand,
  studioCommand,
  serveCommand,
  describeCommand,
  searchCommand,
  workerCommand,
  jobsCommand,
  benchCommand,
  dataCommand,
];

process.exitCode = await run(commands, process.argv.slice(2));
