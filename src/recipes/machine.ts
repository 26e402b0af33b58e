import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { NodeRuntime } from '../runtime/node.js';
import type { RunRecord } from '../train/record.js';

/** What a run was made on. */
export const describeMachine = ({ threads, device }: NodeRuntime): RunRecord['machine'] => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  platform: `${process.platform} ${process.arch}`,
  threads,
  device,
});

/** Of this program. */
export const ownVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** @param onnxruntime its version */
export const describeVersions = (onnxruntime: string): RunRecord['versions'] => ({
  legenda: ownVersion(),
  node: process.versions.node,
  onnxruntime,
});
