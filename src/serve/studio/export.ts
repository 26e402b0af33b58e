import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LegendaError, UsageError } from '../../errors.js';
import { describeFileError } from '../../files.js';
import { exportCaptionerRun } from '../../recipes/export-captioner.js';
import { openCaptioner } from '../../recipes/open-captioner.js';
import { hasEvaluation, readEvaluation } from '../../train/evaluation-file.js';
import { contentSecurityPolicy } from './content-security-policy.js';
import { pageFiles } from './pages.js';
import { filtersOf, modelOf, type RunAnswer, runAnswer } from './run-answers.js';
import { type IndexedRun, RunIndex } from './run-index.js';

/** What was written. */
export interface ExportedStudio {
  readonly runs: readonly string[];
  /** What a run lacks in it, and why. */
  readonly left: readonly string[];
}

/**
 * Writes the page with the runs below some folders as a site of files, for any server: whatever is computed in it is computed in
 * the browser, and no request leaves it.
 * @param pages the built page's folder
 * @param dir a new or empty folder; written whole or not at all
 * @throws UsageError when the folder is not empty, or there are no runs; LegendaError when a file cannot be written
 */
export async function exportStudio(roots: readonly string[], pages: string, dir: string): Promise<ExportedStudio> {
  await checkEmpty(dir);
  const files = await pageFiles(pages);
  const index = new RunIndex(roots);
  await index.update();
  const runs = index.runs.filter(({ history }) => history.progress.state !== 'waiting');
  if (runs.length === 0) throw new UsageError(`there are no runs in ${roots.join(', ')}`);
  const target = resolve(dir);
  try {
    await mkdir(dirname(target), { recursive: true });
    // with the usual rights: others serve it
    const temporary = `${target}.tmp-${randomUUID().slice(0, 8)}`;
    await mkdir(temporary);
    try {
      for (const [name, file] of files)
        await write(temporary, name, name === '/index.html' ? still(await file.read()) : await file.read());
      const left = await writeRuns(runs, temporary);
      await rm(target, { recursive: true, force: true });
      await rename(temporary, target);
      return { runs: runs.map(({ name }) => name), left };
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    if (error instanceof LegendaError) throw error;
    throw describeFileError(error, `cannot write the site to ${dir}`);
  }
}

async function checkEmpty(dir: string): Promise<void> {
  const [first] = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw describeFileError(error, `cannot write the site to ${dir}`);
  });
  if (first !== undefined)
    throw new UsageError(`${dir} is not empty (it has "${first}"): a new or empty folder is expected`);
}

/** The page, told that nobody answers it, and that it may ask nobody else. */
function still(html: Uint8Array): Uint8Array {
  const policy = `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}">`;
  const text = new TextDecoder().decode(html);
  return new TextEncoder().encode(
    text.replace('<html ', '<html data-still ').replace('<head>', `<head>\n    ${policy}`),
  );
}

async function writeRuns(runs: readonly IndexedRun[], dir: string): Promise<string[]> {
  const json = (name: string, value: unknown) => write(dir, `/api/${name}.json`, `${JSON.stringify(value)}\n`);
  await json(
    'runs',
    runs.map((run) => withoutPaths(runAnswer(run, false))),
  );
  const left: string[] = [];
  for (const run of runs) {
    const parts = run.kind === 'classifier' ? classifierParts(run, dir, json) : captionerParts(run, dir, json);
    for (const part of parts) {
      await part().catch((error: unknown) => {
        if (!(error instanceof LegendaError)) throw error;
        left.push(`${run.name}: ${error.message}`);
      });
    }
  }
  return left;
}

type WriteJson = (name: string, value: unknown) => Promise<void>;

const classifierParts = (run: IndexedRun, dir: string, json: WriteJson) => [
  async () => json(`runs/${run.id}/filters`, await filtersOf(run)),
  async () => write(dir, `/api/runs/${run.id}/model.onnx`, await modelOf(run)),
];

const captionerParts = (run: IndexedRun, dir: string, json: WriteJson) => [
  async () => json(`runs/${run.id}/evaluation`, (await hasEvaluation(run.dir)) ? await readEvaluation(run.dir) : null),
  async () => {
    await exportCaptionerRun(await openCaptioner(run.dir), join(dir, 'api/runs', run.id, 'captioner'));
  },
];

/** Who reads the site has no need of the folders of this machine. */
const withoutPaths = (answer: RunAnswer): RunAnswer => ({
  ...answer,
  progress: {
    ...answer.progress,
    message: /[/\\]/.test(answer.progress.message ?? '') ? null : answer.progress.message,
  },
  configuration: Object.fromEntries(
    Object.entries(answer.configuration).map(([key, value]) => [
      key,
      typeof value === 'string' && /[/\\]/.test(value) ? basename(value.replaceAll('\\', '/')) : value,
    ]),
  ),
});

/** @param name from the site's root on, `/api/runs.json` */
async function write(dir: string, name: string, content: Uint8Array | string): Promise<void> {
  const path = join(dir, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
