import type { CaptionSetCheck, Finding } from '../../data/captions/verify-set.js';
import type { FileCheck, PinnedSet } from '../../data/pinned-sets.js';
import { LegendaError } from '../../errors.js';
import { onInterrupt } from '../frame/interrupt.js';
import { paint, print, printJson } from '../frame/output.js';
import { startProgress } from '../progress.js';

interface Options {
  readonly data?: string;
  readonly json?: boolean;
}

/** What was found of one set. */
interface Outcome {
  /** For `--json`. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
  /** What is off, in a few words. */
  readonly off?: string;
}

/** `legenda data verify` */
export async function verifyData(name: string | undefined, options: Options): Promise<void> {
  const { dataRoot } = await import('../../data/root.js');
  const root = dataRoot(options.data);
  using interrupt = onInterrupt();
  const outcomes =
    name === undefined ? await verifyAll(root, interrupt.signal) : [await verifyOne(name, root, interrupt.signal)];
  if (options.json) printJson({ root, sets: outcomes.map(({ json }) => json) });
  else for (const line of outcomes.flatMap(({ lines }) => lines)) print(line);
  const off = outcomes.flatMap((outcome) => outcome.off ?? []);
  if (off.length > 0) throw new LegendaError(off.join('\n'));
}

/** Everything that is here, in the order in which `legenda data list` has it. */
async function verifyAll(root: string, signal: AbortSignal): Promise<Outcome[]> {
  const { captionSetsIn, knownSets } = await import('../../data/registry.js');
  const outcomes: Outcome[] = [];
  for (const set of knownSets) {
    if (set.kind !== 'pinned') continue;
    const checks = await checkFiles(set, root);
    if (checks.some(({ state }) => state !== 'missing')) outcomes.push(describeFiles(set.name, checks));
  }
  for (const { name, folder, problem } of await captionSetsIn(root)) {
    outcomes.push(
      problem === undefined ? await verifyCaptions(name, folder, signal) : unreadable(name, folder, problem),
    );
  }
  return outcomes;
}

async function verifyOne(name: string, root: string, signal: AbortSignal): Promise<Outcome> {
  const { findSet, knownSets } = await import('../../data/registry.js');
  const { findCaptionSet } = await import('../../data/captions/load-set.js');
  const known = knownSets.find((set) => set.name === name);
  if (known?.kind === 'pinned') return describeFiles(name, await checkFiles(known, root));
  const folder = await findCaptionSet(name, root).catch((error) => {
    // A name that is neither known nor here is a mistake in the command.
    findSet(name);
    throw error;
  });
  return verifyCaptions(name, folder, signal);
}

async function checkFiles(set: PinnedSet, root: string): Promise<FileCheck[]> {
  const { verifyFiles } = await import('../../data/pinned-sets.js');
  return verifyFiles(set, root);
}

function describeFiles(name: string, checks: readonly FileCheck[]): Outcome {
  const lines = checks.map(({ state, file, path, problem }) =>
    formatLine(state, state === 'good' ? 'green' : 'red', path ?? file, problem),
  );
  const wrong = checks.filter(({ state }) => state !== 'good');
  const names = wrong.map(({ file, path, state }) => `${path ?? file} (${state})`).join(', ');
  const off = `${wrong.length} of ${checks.length} files are not as they should be: ${names}`;
  return { json: { name, files: checks }, lines, ...(wrong.length > 0 && { off }) };
}

async function verifyCaptions(name: string, folder: string, signal: AbortSignal): Promise<Outcome> {
  const { verifyCaptionSet } = await import('../../data/captions/verify-set.js');
  using progress = startProgress({ label: `images of ${name}`, total: 0 });
  const check = await verifyCaptionSet(folder, {
    signal,
    onProgress: (done, total) => progress.update(done, '', total),
  });
  progress.stop();
  return describeCaptions(name, check);
}

/** Of many findings of a kind the first are printed; `--json` has them all. */
const shown = 20;

function describeCaptions(name: string, check: CaptionSetCheck): Outcome {
  const { folder, captions, sizes, problems, notes } = check;
  const counts = Object.entries(sizes).map(([split, count]) => `${split} ${count}`);
  const head = `${folder}: ${counts.join(', ')} images; ${captions}`;
  const lines = [
    formatLine(problems.length > 0 ? 'wrong' : 'good', problems.length > 0 ? 'red' : 'green', head),
    ...formatFindings(problems, 'red'),
    ...formatFindings(notes, 'yellow'),
  ];
  const kinds = [...countKinds(problems)].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const off = `${name} (${folder}) is not as it should be: ${kinds}; first: ${problems[0]?.message}`;
  return { json: { name, ...check }, lines, ...(problems.length > 0 && { off }) };
}

const unreadable = (name: string, folder: string, problem: string): Outcome => ({
  json: { name, folder, problems: [{ kind: 'unreadable', files: [], message: problem }], notes: [] },
  lines: [formatLine('wrong', 'red', folder, problem)],
  off: `${name} (${folder}) is not as it should be: ${problem}`,
});

function formatFindings(findings: readonly Finding[], colour: 'red' | 'yellow'): string[] {
  return [...countKinds(findings)].flatMap(([kind, count]) => {
    const some = findings.filter((finding) => finding.kind === kind).slice(0, shown);
    const lines = some.map(({ message }) => `  ${paint(colour, kind)}  ${message}`);
    return count > shown
      ? [...lines, `  ${paint(colour, kind)}  … and ${count - shown} more (--json lists all)`]
      : lines;
  });
}

function countKinds(findings: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of findings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function formatLine(state: string, colour: 'green' | 'red', what: string, problem?: string): string {
  return `${paint(colour, state)}  ${what}${problem ? `\n      ${problem}` : ''}`;
}
