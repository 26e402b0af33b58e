import type { Node, Value } from '../../graph/graph.js';
import { neededNodes } from '../../graph/rewrite.js';
import { nextName, type StepGraph } from '../../train/step-graph.js';

export const phases = ['forward', 'backward', 'update'] as const;
export type Phase = (typeof phases)[number];

/** Where in a training step a kernel belongs. */
export interface Place {
  /** The layer's path. */
  readonly layer: string;
  /** Undefined for what ONNX Runtime put in by itself. */
  readonly phase: Phase | undefined;
}

/** What belongs to the whole model or to none of its layers: the loss. */
export const outsideLayers = '(loss, and outside layers)';
/** What the optimiser does with all parameters at once: the norm of the gradients. */
export const allParameters = '(all parameters)';
/** What no node of ours became: changes of the memory's layout. */
export const byRuntime = '(put in by ONNX Runtime)';

/**
 * Tells of a kernel's name where it belongs: names have the layer's path and the node's index (see `writeOnnx`), and keep them
 * when ONNX Runtime fuses nodes.
 *
 * What the loss and the running statistics are computed from is the forward pass; the rest is the backward pass but for what
 * the optimiser put in. A weight gradient that became one product with the update of its weights (the pass `fuseUpdates`)
 * counts as update.
 */
export function placesOf({ graph, results, buffers }: StepGraph): (kernel: string) => Place {
  const output = (name: string): Value => graph.outputs.get(name)!;
  const forward = neededNodes(graph, [...results.map(output), ...buffers.map((name) => output(nextName(name)))]);
  return (kernel) => {
    const [, op, index] = /(?:^|\/)([A-Za-z]+)_(\d+)(?=[/_]|$)/.exec(kernel) ?? [];
    const node = graph.nodes[Number(index)];
    if (node === undefined || node.op !== op) return { layer: byRuntime, phase: undefined };
    return placeOf(node, forward.has(node));
  };
}

function placeOf({ scope }: Node, isForward: boolean): Place {
  const layerOf = (path: string): string => (path === '' ? outsideLayers : path);
  const [first, ...path] = scope.split('.');
  const isUpdate = !isForward && (first === 'update' || first === 'average');
  if (!isUpdate) return { layer: layerOf(scope), phase: isForward ? 'forward' : 'backward' };
  // of a parameter, whose layer is what owns it
  const layer = path.length === 0 ? allParameters : layerOf(path.slice(0, -1).join('.'));
  return { layer, phase: 'update' };
}
