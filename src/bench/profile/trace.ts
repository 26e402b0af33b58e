import { z } from 'zod';
import { LegendaError } from '../../errors.js';
import { readJson } from '../../json.js';

const microseconds = z.number().min(0);
const happened = { name: z.string(), ts: microseconds, dur: microseconds };

/** What ONNX Runtime's profiler writes, in Chrome's trace format: only what is used here. */
const trace = z.array(
  z.discriminatedUnion('cat', [
    z.object({ cat: z.literal('Node'), ...happened, args: z.object({ op_name: z.string().min(1) }) }),
    z.object({ cat: z.enum(['Session', 'Api', 'Kernel']), ...happened }),
  ]),
);

/** One run of one kernel. */
export interface KernelTime {
  /** The node's name in the file, or one that ONNX Runtime made of it. */
  readonly node: string;
  /** What ran: ONNX's op, or one that ONNX Runtime put in its place. */
  readonly type: string;
  readonly microseconds: number;
}

/** What was recorded of some runs of a session. */
export interface RecordedRuns {
  readonly runs: number;
  /** Of all these runs, from the call to its return. */
  readonly microseconds: number;
  readonly kernels: readonly KernelTime[];
}

const kernelSuffix = '_kernel_time';
const largestTrace = 256 * 2 ** 20;

/**
 * Reads a profile that ONNX Runtime wrote.
 * @param skipped runs at the beginning that are left out: those in which a session warms up
 * @throws LegendaError naming the file and what is wrong when it has another form, more than 256 MiB or no run that is left
 */
export async function readTrace(path: string, skipped: number): Promise<RecordedRuns> {
  const events = await readJson(path, trace, largestTrace);
  const runs = events
    .filter(({ cat, name }) => cat === 'Session' && name === 'model_run')
    .sort((a, b) => a.ts - b.ts)
    .slice(skipped);
  const [first] = runs;
  if (first === undefined)
    throw new LegendaError(`${path}: a run after the first ${skipped} is expected, there is none`);
  return {
    runs: runs.length,
    microseconds: runs.reduce((sum, { dur }) => sum + dur, 0),
    kernels: events.flatMap((event) =>
      event.cat === 'Node' && event.ts >= first.ts && event.name.endsWith(kernelSuffix)
        ? [{ node: event.name.slice(0, -kernelSuffix.length), type: event.args.op_name, microseconds: event.dur }]
        : [],
    ),
  };
}
