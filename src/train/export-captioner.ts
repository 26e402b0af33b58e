import { traceLook, traceSay } from '../decode/decoder-graphs.js';
import { inputName } from '../graph/graph.js';
import type { CaptionNetwork } from '../models/caption-network.js';
import { parametersNamed } from '../nn/parameters-named.js';
import type { Trace } from '../nn/trace.js';
import { freeBatch } from '../onnx/free-batch.js';
import { writeOnnx } from '../onnx/write.js';
import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** A captioner as two ONNX files for inference, with their parameters inside and a free batch size. */
export interface ExportedCaptioner {
  /** `images` → the first state, `hidden` and `cell`, and what every step needs of the images, `memory/…`. */
  readonly look: Uint8Array;
  /** `words` (int64 [batch]: the word before), state and memory → `logProbabilities`, `next/hidden`, `next/cell`, `attention`. */
  readonly say: Uint8Array;
}

/**
 * @param image shape of one image, as the network takes it
 * @param parameters by name; more may be there
 * @throws LegendaError when a parameter is missing, or a graph depends on the batch size in a way that ONNX cannot leave open
 */
export function exportCaptioner(
  network: CaptionNetwork,
  image: Shape,
  parameters: ReadonlyMap<string, Tensor>,
): ExportedCaptioner {
  const looks = [2, 3].map((batch) => traceLook(network, { dtype: 'float32', shape: [batch, ...image] }));
  const says = looks.map((look, i) => traceSay(network, look, i + 2));
  return { look: write(looks, parameters), say: write(says, parameters) };
}

/** @param traces of the same for two batch sizes */
function write([two, three]: readonly Trace[], parameters: ReadonlyMap<string, Tensor>): Uint8Array {
  const graph = freeBatch(two!.graph, three!.graph);
  const fed = graph.inputs.map(inputName);
  const own = two!.parameters;
  const batched = [...fed.filter((name) => !own.has(name)), ...graph.outputs.keys()];
  return writeOnnx(graph, {
    initialisers: parametersNamed(own, parameters),
    axisNames: Object.fromEntries(batched.map((name) => [name, ['batch']])),
  });
}
