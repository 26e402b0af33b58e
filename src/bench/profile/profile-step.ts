import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LegendaError } from '../../errors.js';
import { describeFileError } from '../../files.js';
import type { Runtime } from '../../runtime/session.js';
import { TrainingStep } from '../../train/step.js';
import type { DrawnStep } from '../drawn-step.js';
import { placesOf } from './places.js';
import { type Shares, sharesOf } from './shares.js';
import { readTrace } from './trace.js';

export interface ProfileOptions {
  readonly runtime: Runtime;
  /** Steps that are recorded, from 1; fewer where they would come to more than 20,000 kernels. */
  readonly steps: number;
  readonly signal?: AbortSignal;
}

/** A kernel takes about a kilobyte of the profile. */
const mostKernels = 20_000;
const warmUp = 2;

/**
 * Where the time of a training step goes, by ONNX Runtime's profiler, which makes the step itself slower: what counts is the
 * shares. Its file is kept in a temporary folder and deleted.
 * @throws LegendaError when the runtime refuses the graph, or what it wrote cannot be read
 */
export async function profileStep(drawn: DrawnStep, { runtime, steps, signal }: ProfileOptions): Promise<Shares> {
  const { definition } = drawn;
  const most = Math.max(1, Math.floor(mostKernels / definition.graph.nodes.length) - warmUp);
  const folder = await temporaryFolder();
  try {
    await record(drawn, join(folder, 'profile'), { runtime, steps: warmUp + Math.min(steps, most), signal });
    const [file] = await readdir(folder);
    if (file === undefined) throw new LegendaError(`ONNX Runtime wrote no profile into ${folder}`);
    return sharesOf(await readTrace(join(folder, file), warmUp), placesOf(definition));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function record(
  { definition, parameters, feeds, learningRate }: DrawnStep,
  profile: string,
  { runtime, steps, signal }: { runtime: Runtime; steps: number; signal: AbortSignal | undefined },
): Promise<void> {
  // the profile is written when the session is released
  await using step = await TrainingStep.compile(runtime, definition, parameters, 1, { profile });
  for (let done = 0; done < steps; done++) {
    signal?.throwIfAborted();
    await step.run(done, learningRate, feeds);
  }
}

async function temporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'legenda-profile-'));
  } catch (error) {
    throw describeFileError(error, `cannot make a folder in ${tmpdir()}`);
  }
}
