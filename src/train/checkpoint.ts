import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LegendaError } from '../errors.js';
import { describeFileError, readFileBounded, removeTemporaries, writeFileAtomic } from '../files.js';
import { parseJson, readJson } from '../json.js';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.js';
import type { Tensor } from '../tensor/tensor.js';

/** Everything that training needs to go on from a step as if it had never stopped. */
export interface Checkpoint {
  /** Steps done since the start of the training. */
  readonly step: number;
  /** Parameters and the optimiser's state by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What else goes on from there (epoch, sums, best so far …): anything that JSON keeps. */
  readonly progress: Readonly<Record<string, unknown>>;
}

/** A checkpoint as it was read. */
export interface LoadedCheckpoint extends Checkpoint {
  readonly tensors: Map<string, Tensor>;
  /** SHA-256 of its file in hexadecimal. */
  readonly sha256: string;
}

/** `last`: the newest to go on from; `best`: the one that did best on validation. */
export type Which = 'last' | 'best';

const fileName = z.string().regex(/^step-\d{8,16}(\.\d+)?\.safetensors$/);

const manifestSchema = z
  .object({
    format: z.literal(1),
    last: fileName,
    best: fileName.nullable(),
    /** In the order in which they were saved. */
    files: z.record(
      fileName,
      z.object({ step: z.int().min(0), bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    ),
  })
  .refine(({ last, best, files }) => last in files && (best === null || best in files), {
    error: 'the last or the best is not among the files',
  });

type Manifest = z.infer<typeof manifestSchema>;

const folderOf = (runDir: string) => join(runDir, 'checkpoints');

/**
 * Saves a checkpoint in the run's folder. A kill or a full disk at any moment leaves the checkpoints of before loadable:
 * the file is written under a temporary name, synced and renamed, the manifest after it, and only then are files deleted.
 * Kept are this one, the one before and the best.
 *
 * @param best whether this is the best so far
 * @throws LegendaError when it cannot be written, or the manifest that is there cannot be read
 */
export async function saveCheckpoint(
  runDir: string,
  { step, tensors, progress }: Checkpoint,
  { best }: { readonly best: boolean },
): Promise<void> {
  const folder = folderOf(runDir);
  const before = await readManifest(folder);
  // A save that was killed may have left the space that this one needs.
  await removeAllBut(folder, before);
  const bytes = encodeSafetensors(tensors, { step: String(step), progress: JSON.stringify(progress) });
  const sha256 = digest(bytes);
  const name = unusedName(step, sha256, before);
  await writeFileAtomic(join(folder, name), bytes);
  const kept = [before?.last, best ? null : before?.best].filter((other) => other && other !== name);
  const files = Object.entries(before?.files ?? {}).filter(([other]) => kept.includes(other));
  const after: Manifest = {
    format: 1,
    last: name,
    best: best ? name : (before?.best ?? null),
    files: Object.fromEntries([...files, [name, { step, bytes: bytes.length, sha256 }]]),
  };
  await writeFileAtomic(join(folder, 'manifest.json'), `${JSON.stringify(after, null, 2)}\n`);
  await removeAllBut(folder, after);
}

/**
 * The last or the best checkpoint of a run.
 * @returns undefined when the run has not saved one
 * @throws LegendaError naming the file when it, or the manifest, is damaged
 */
export async function loadCheckpoint(runDir: string, which: Which): Promise<LoadedCheckpoint | undefined> {
  const folder = folderOf(runDir);
  const manifest = await readManifest(folder);
  const name = manifest?.[which];
  if (!manifest || !name) return undefined;
  try {
    return await readCheckpoint(folder, name, manifest);
  } catch (error) {
    // a training that saves removes what it saved before
    const isReplaced = (await readManifest(folder))?.[which] !== name;
    if (isReplaced) return await loadCheckpoint(runDir, which);
    if (!(error instanceof LegendaError)) throw error;
    throw new LegendaError(`the ${which} checkpoint of ${runDir} cannot be loaded: ${error.message}`, { cause: error });
  }
}

/** What a training goes on from. */
export interface ResumedCheckpoint extends LoadedCheckpoint {
  /** For people: which newer checkpoints were damaged and passed over. */
  readonly warnings: readonly string[];
}

/**
 * The checkpoint that a training goes on from: the last or, where that is damaged, the newest that is whole, with a warning.
 * @returns undefined when the run has not saved one
 * @throws LegendaError naming the files when the manifest, or every checkpoint, is damaged
 */
export async function resumeCheckpoint(runDir: string): Promise<ResumedCheckpoint | undefined> {
  const folder = folderOf(runDir);
  const manifest = await readManifest(folder);
  if (manifest === undefined) return undefined;
  const older = Object.keys(manifest.files).filter((name) => name !== manifest.last);
  const warnings: string[] = [];
  for (const name of [manifest.last, ...older.reverse()]) {
    try {
      return { ...(await readCheckpoint(folder, name, manifest)), warnings };
    } catch (error) {
      if (!(error instanceof LegendaError)) throw error;
      warnings.push(error.message);
    }
  }
  throw new LegendaError(`no checkpoint of ${runDir} can be loaded: ${warnings.join('; ')}`);
}

/** Why the parameters that are meant cannot be loaded, where `loadCheckpoint` found none. */
export async function missingCheckpoint(runDir: string): Promise<LegendaError> {
  const isBegun = (await readManifest(folderOf(runDir)))?.last;
  return new LegendaError(
    isBegun
      ? `no epoch of ${runDir} has ended yet: its checkpoint "last" is there, "best" is not`
      : `${runDir} has no checkpoint yet`,
  );
}

async function readCheckpoint(folder: string, name: string, manifest: Manifest) {
  const path = join(folder, name);
  const { step, bytes: expected, sha256 } = manifest.files[name]!;
  const bytes = await readFileBounded(path, expected);
  if (bytes.length !== expected) throw new LegendaError(`${path} has ${bytes.length} bytes, expected ${expected}`);
  if (digest(bytes) !== sha256) throw new LegendaError(`${path} is damaged: its SHA-256 is not the one that was saved`);
  const { tensors, metadata } = decodeSafetensors(bytes);
  const progress = parseJson(metadata['progress'] ?? '', z.record(z.string(), z.unknown()), `${path}, progress`);
  return { step, tensors, progress, sha256 };
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, 'manifest.json');
  try {
    await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw describeFileError(error, `cannot read ${path}`);
  }
  return readJson(path, manifestSchema);
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A name that holds nothing else: writing over another file of the manifest would leave it wrong until the next one. */
function unusedName(step: number, sha256: string, manifest: Manifest | undefined): string {
  const stem = `step-${String(step).padStart(8, '0')}`;
  for (let again = 0; ; again++) {
    const name = `${stem}${again === 0 ? '' : `.${again}`}.safetensors`;
    const other = manifest?.files[name];
    if (!other || other.sha256 === sha256) return name;
  }
}

/** Deletes checkpoints that the manifest does not name and temporary files; whatever else is there stays. */
async function removeAllBut(folder: string, manifest: Manifest | undefined): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await removeTemporaries(folder);
    for (const name of await readdir(folder)) {
      const isCheckpoint = fileName.safeParse(name).success;
      if (isCheckpoint && !(manifest && name in manifest.files)) await rm(join(folder, name));
    }
  } catch (error) {
    throw describeFileError(error, `cannot clean ${folder}`);
  }
}
