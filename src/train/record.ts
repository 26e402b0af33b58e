import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { holdFile } from '../data/hold-folder.js';
import { LegendaError, UsageError } from '../errors.js';
import { describeFileError, isTemporary, makeFolder, writeFileAtomic } from '../files.js';
import { conform, readJson } from '../json.js';

/** The form of `run.json` that this version writes and reads. */
const format = 1;

const count = z.int().min(0);

/** `run.json`: what is known when a run starts and does not change after. */
export const runRecordSchema = z.object({
  format: z.literal(format),
  recipe: z.string(),
  title: z.string(),
  /** Every key resolved, defaults included. */
  configuration: z.record(z.string(), z.unknown()),
  seed: z.int(),
  versions: z.object({ legenda: z.string(), node: z.string(), onnxruntime: z.string() }),
  machine: z.object({
    cpu: z.string(),
    cores: count,
    memoryBytes: count,
    platform: z.string(),
    /** Threads that ONNX Runtime was given. */
    threads: count,
    /** Where ONNX Runtime computed. */
    device: z.enum(['cpu', 'webgpu', 'cuda']).default('cpu'),
  }),
  dataset: z.object({
    name: z.string(),
    /** Where it came from: a folder, an address, a package. */
    source: z.string(),
    /** Whether this was only the sample that is part of the project. */
    sample: z.boolean(),
    /** SHA-256 in hexadecimal by file name. */
    digests: z.record(z.string(), z.string()),
    /** Examples in each split; 0 where there is none. */
    sizes: z.object({ train: count, validation: count, test: count }),
  }),
  /** The file that the parameters came from at first; absent where they were drawn from the seed. */
  weights: z.object({ source: z.string(), sha256: z.string() }).optional(),
  /** Trainable numbers in the model. */
  parameters: count,
  created: z.iso.datetime(),
});

export type RunRecord = z.infer<typeof runRecordSchema>;

const recordPath = (dir: string) => join(dir, 'run.json');

/**
 * Makes `dir` a run: the folder with its `run.json`, written whole or not at all.
 *
 * @throws UsageError when the folder is a run already or has anything in it
 * @throws LegendaError when it cannot be written, or the record is not one that `openRun` would read
 */
export async function createRun(dir: string, record: RunRecord): Promise<void> {
  // As JSON would keep it: what cannot be read again must not be written.
  const kept = conform(JSON.parse(JSON.stringify(record)), runRecordSchema, 'the run record');
  let names: string[];
  try {
    await makeFolder(dir);
    names = await readdir(dir);
  } catch (error) {
    throw describeFileError(error, `cannot create the run folder ${dir}`);
  }
  if (names.includes('run.json')) {
    throw new UsageError(`${dir} is a run already: resume it, or choose another folder for a new run`);
  }
  const other = names.find((name) => !isTemporary(name) && name !== holdFile);
  if (other !== undefined) {
    throw new UsageError(`${dir} is not empty (it has "${other}"): choose a new or empty folder for the run`);
  }
  await writeFileAtomic(recordPath(dir), `${JSON.stringify(kept, null, 2)}\n`);
}

/**
 * The record of a run folder.
 *
 * @throws LegendaError when there is no such folder, it is not a run, or its `run.json` is damaged or of another version
 */
export async function openRun(dir: string): Promise<RunRecord> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    throw describeFileError(error, `cannot open the run folder ${dir}`);
  }
  if (!names.includes('run.json')) throw new LegendaError(`${dir} is not a run: it has no run.json`);
  const path = recordPath(dir);
  const { format: found } = await readJson(path, z.looseObject({ format: z.unknown().optional() }));
  if (found !== format) {
    const came = found === undefined ? 'no format' : `format ${JSON.stringify(found)}`;
    throw new LegendaError(`${path} has ${came}, this version of Legenda reads format ${format}`);
  }
  return readJson(path, runRecordSchema);
}
