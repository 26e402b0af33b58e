import type { NodeRuntime } from '../../runtime/node.js';
import type { OpenNodeOptions } from '../../runtime/open-node.js';
import type { RunRecord } from '../../train/record.js';
import { note } from './output.js';

/** What commands are told of what computes: `--threads` and `--device`. */
export type ComputeOptions = Pick<OpenNodeOptions, 'threads' | 'device'>;

/** ONNX Runtime as the options say and else as a run was begun, with a note where the device was left to us. */
export async function openRuntime(
  { threads, device }: ComputeOptions,
  begun?: RunRecord['machine'],
): Promise<NodeRuntime> {
  const { openNodeRuntime } = await import('../../runtime/open-node.js');
  const wanted = { threads: threads ?? begun?.threads, device: device ?? begun?.device };
  const runtime = await openNodeRuntime({
    ...(wanted.threads !== undefined && { threads: wanted.threads }),
    ...(wanted.device !== undefined && { device: wanted.device }),
  });
  if (device === 'auto') note(`computing on: ${runtime.device}`);
  return runtime;
}
