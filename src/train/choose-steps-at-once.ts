import { inputName } from '../graph/graph.js';
import { type Device, isOnCpu } from '../passes/device.js';
import { bytesPerElement } from '../tensor/dtype.js';
import { sizeOf } from '../tensor/shape.js';
import type { TensorType } from '../tensor/tensor.js';
import type { StepGraph } from './step-graph.js';

/** Divides the steps between two reports. */
const mostSteps = 25;
/** Bytes that all the steps together are fed. */
const mostFed = 2 ** 22;
/** Bytes of the state, of which there are two copies more. */
const mostState = 2 ** 24;

/**
 * How many steps it pays to take in one run of a session, from 1. Small steps gain most, by what a run costs beside them: of a step of
 * `fashion-cnn` 12 % with 8 images and 2 % with 64 (10 steps at once, 1 thread, AMD EPYC, 2026-11-27). A graphics processor has
 * no `Scan` of its own, and would wait for the host between steps.
 */
export function chooseStepsAtOnce({ graph, inputs, masks, state }: StepGraph, device: Device): number {
  if (!isOnCpu(device)) return 1;
  const types = new Map(graph.inputs.map((input) => [inputName(input), input]));
  const bytes = (names: readonly string[]): number => names.reduce((sum, name) => sum + bytesOf(types.get(name)!), 0);
  if (bytes(state) > mostState) return 1;
  const fed = bytes([...inputs, ...masks.map(({ name }) => name)]);
  return Math.min(mostSteps, Math.max(1, Math.floor(mostFed / fed)));
}

const bytesOf = ({ dtype, shape }: TensorType): number => sizeOf(shape) * bytesPerElement[dtype];
