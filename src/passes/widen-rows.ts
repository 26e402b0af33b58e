import type { Graph, Value } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';
import { expand, reshape } from '../ops/build.js';
import { sameShape, sizeOf } from '../tensor/shape.js';

const arithmetic = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** Elements of a row whose broadcast costs more than its arithmetic, at most. */
const short = 64;
/** And of one that is long enough. */
const long = 1024;

/**
 * Arithmetic of a short row with every row of a matrix, such as a bias of a few channels after all pixels, as that of a row with
 * it many times over and a matrix of so many fewer rows: ONNX Runtime goes through broadcasts row by row (12,544×16 within a step of
 * `fashion-cnn`, two threads: 0.35 ms against 0.08).
 */
export const widenRows = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, inputs, target) => {
    const [a, b] = inputs as [Value, Value];
    if (!arithmetic.has(node.op)) return undefined;
    const { shape } = node.outputs[0]!;
    const columns = shape.at(-1) ?? 1;
    const isRow = (value: Value): boolean => sizeOf(value.shape) === columns && value.shape.at(-1) === columns;
    const isWhole = (value: Value): boolean => sameShape(value.shape, shape);
    if (columns === 1 || columns > short || !((isRow(a) && isWhole(b)) || (isWhole(a) && isRow(b)))) return undefined;
    const rows = sizeOf(shape) / columns;
    const times = largestDivisor(rows, Math.floor(long / columns));
    if (times < 2) return undefined;
    const widened = inputs.map((value) =>
      isWhole(value)
        ? reshape(value, [rows / times, times * columns])
        : reshape(expand(reshape(value, [1, columns]), [times, columns]), [times * columns]),
    );
    return [reshape(target.apply(node.op, widened, node.attributes)[0]!, shape)];
  });

function largestDivisor(whole: number, most: number): number {
  for (let divisor = Math.min(whole, most); divisor > 1; divisor--) if (whole % divisor === 0) return divisor;
  return 1;
}
