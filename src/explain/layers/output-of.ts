import { LegendaError } from '../../errors.js';
import type { Value } from '../../graph/graph.js';
import { type AnyModule, namedModules } from '../../nn/module.js';
import type { Trace } from '../../nn/trace.js';

/** A layer that was called, with what it gave. */
export interface LayerCall {
  readonly path: string;
  readonly module: AnyModule;
  readonly output: Value;
}

/** The layers of a traced model that call no others and compute something, in the order in which they were called. */
export const layersOf = (trace: Trace): LayerCall[] =>
  trace.calls.flatMap(({ path, module, leaf, nodes, output }) =>
    leaf && nodes.length > 0 && isOfImages(output) ? [{ path, module, output }] : [],
  );

/** @throws LegendaError naming the layers that there are */
export function moduleAt(model: AnyModule, path: string): AnyModule {
  const modules = namedModules(model);
  const found = modules.get(path);
  if (found !== undefined) return found;
  throw new LegendaError(
    `the model has no layer "${path}"; there are ${[...modules.keys()].filter(Boolean).join(', ')}`,
  );
}

/**
 * What a layer gave, the last time that it was called.
 * @returns [N, C, …]
 * @throws LegendaError when it was not called, or gave something else
 */
export function outputOf(trace: Trace, layer: AnyModule): Value {
  const call = trace.calls.findLast(({ module }) => module === layer);
  if (call !== undefined && isOfImages(call.output)) return call.output;
  throw new LegendaError(`a ${layer.constructor.name} has no channels: what it gives is not one tensor [N, C, …]`);
}

const isOfImages = (output: unknown): output is Value =>
  Array.isArray((output as Partial<Value> | undefined)?.shape) && (output as Value).shape.length >= 2;
