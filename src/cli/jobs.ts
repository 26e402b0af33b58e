import { Command } from 'commander';
import type { JobStatus, Jobs } from '../queue/redis/jobs.js';
import { addressOf } from './frame/board.js';
import { jsonOption, queueOption } from './frame/options.js';
import { print, printJson } from './frame/output.js';
import { formatTable } from './frame/table.js';
import { sweepJson, sweepText } from './sweep/format.js';

interface Options {
  readonly queue?: string;
  readonly json?: boolean;
}

export function jobsCommand(): Command {
  const command = new Command('jobs').description('look at and change the jobs of a queue, from any machine');
  const add = (name: string, what: string) =>
    command.command(name).description(what).addOption(queueOption('where jobs are')).addOption(jsonOption());
  add('list', 'what is worked on, has failed and waits').action(list);
  add('cancel', 'take jobs out of the queue and stop those that are worked on; what they came to stays')
    .argument('<what>', "a job's id, or the folder of an archive, a sweep or a run")
    .action((what: string, options: Options) => change('cancel', what, options));
  add('retry', 'put jobs that failed into the queue again')
    .argument('<what>', "a job's id, or the folder of an archive, a sweep or a run")
    .action((what: string, options: Options) => change('retry', what, options));
  command
    .command('table')
    .description('what a sweep has come to by now, by its folder')
    .argument('<dir>', 'the folder of a sweep')
    .addOption(jsonOption())
    .action(table);
  return command;
}

async function table(dir: string, { json }: Options): Promise<void> {
  const { plansIn } = await import('../recipes/sweep/folder.js');
  const { tableIn } = await import('../recipes/sweep/sweep.js');
  const { bestAcross } = await import('../recipes/sweep/table.js');
  const { seedMeans } = await import('../recipes/sweep/seed-means.js');
  const tables = await Promise.all((await plansIn(dir)).map(tableIn));
  const means = seedMeans(tables.flatMap(({ trials }) => trials));
  const best = bestAcross(tables);
  if (json) printJson(sweepJson(dir, tables, best, means));
  else print(sweepText(tables, best, means));
}

async function open(options: Options): Promise<Jobs> {
  const address = addressOf(options);
  const { Jobs } = await import('../queue/redis/jobs.js');
  return Jobs.open(address);
}

/** Of jobs that only wait, so many are shown; programs get all. */
const mostWaiting = 20;

async function list(options: Options): Promise<void> {
  await using jobs = await open(options);
  const shown: JobStatus[] = [];
  let waiting = 0;
  for await (const job of jobs.list()) {
    if (options.json) printJson(job, { oneLine: true });
    else if (job.state !== 'waiting' || ++waiting <= mostWaiting) shown.push(job);
  }
  if (options.json) return;
  if (shown.length === 0) return print('no jobs');
  print(tableOf(shown));
  if (waiting > mostWaiting) print(`and ${waiting - mostWaiting} more that wait`);
}

async function change(how: 'cancel' | 'retry', what: string, options: Options): Promise<void> {
  await using jobs = await open(options);
  const changed = await jobs[how](what);
  if (options.json) printJson(changed);
  else
    print(
      `${how === 'cancel' ? 'cancelled' : 'tried again'}: ${changed.length} ${changed.length === 1 ? 'job' : 'jobs'}`,
    );
}

const tableOf = (jobs: readonly JobStatus[]): string =>
  formatTable(
    ['JOB', 'STATE', 'DONE', 'WORKER', 'FAILURES', 'FOLDER', 'REASON'],
    jobs.map(({ id, state, share, worker, failures, folder, reason }) => [
      ...[id, state, share > 0 ? `${Math.floor(100 * share)} %` : '', worker ?? ''],
      ...[failures > 0 ? String(failures) : '', folder, reason ?? ''],
    ]),
    ['left', 'left', 'right', 'left', 'right'],
  );
