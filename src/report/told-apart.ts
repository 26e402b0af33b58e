import type { Column } from './blocks.js';
import type { ClassifierRun } from './data.js';
import { setting } from './format.js';
import { bySetup, type SeedGroup } from './seeds.js';

/**
 * What tells runs apart beside their learning rate and seed, by run: the settings that are not the same in all of them, and the
 * folder where these are. Empty where there is nothing but rates and seeds.
 */
export function toldApart(runs: readonly ClassifierRun[]): ReadonlyMap<ClassifierRun, string> {
  const keys = differing(runs);
  const groups = bySetup(runs);
  const settings = groups.map(({ runs: [first] }) =>
    keys
      .filter((key) => key in first!.configuration)
      .map((key) => setting([key, first!.configuration[key]]))
      .join(', '),
  );
  const row = (i: number) => `${groups[i]!.runs[0]!.learningRate} ${settings[i]}`;
  const apart = new Map<ClassifierRun, string>();
  for (const [i, group] of groups.entries()) {
    const alike = groups.filter((other, j) => other !== group && row(j) === row(i));
    const text = [settings[i], alike.length > 0 && folderOf(group, alike)].filter(Boolean).join(', ');
    if (text) for (const run of group.runs) apart.set(run, text);
  }
  return apart;
}

/** Of what `toldApart` says. */
export const settingsColumn: Column = { key: 'settings', title: 'Settings', code: true };

/** Keys of the settings whose values are not the same in all runs; without the learning rate. */
function differing(runs: readonly ClassifierRun[]): string[] {
  const keys = new Set(runs.flatMap(({ configuration }) => Object.keys(configuration)));
  return [...keys].filter(
    (key) => key !== 'lr' && new Set(runs.map(({ configuration }) => JSON.stringify(configuration[key]))).size > 1,
  );
}

/** The last part of a folder's path, or all of it where that is another's too. */
function folderOf(group: SeedGroup<ClassifierRun>, others: readonly SeedGroup<ClassifierRun>[]): string {
  const name = ({ runs: [first] }: SeedGroup<ClassifierRun>) => first!.dir.split(/[\\/]/).at(-1)!;
  return others.some((other) => name(other) === name(group)) ? group.runs[0]!.dir : name(group);
}
