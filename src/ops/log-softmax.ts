import { exp, mul, reduceSum, sub } from './build.js';
import type { Op } from './op.js';
import { logSoftmaxOf, readSoftmaxAxis, Softmax, type SoftmaxAttributes, softmaxCases } from './softmax.js';

export const LogSoftmax: Op<SoftmaxAttributes> = {
  infer: Softmax.infer,
  emit: ({ attributes: { axis } }) => ({ opType: 'LogSoftmax', attributes: { axis: { int: axis } } }),
  read: (call) => ({ inputs: [0], attributes: { axis: readSoftmaxAxis(call) } }),
  // g - softmax(x) Σ g
  vjp: ({ outputs: [y], attributes: { axis } }, g) => [
    () => sub(g!, mul(exp(y!), reduceSum(g!, { axes: [axis], keepdims: true }))),
  ],
  evaluate: ([x], { axis }) => [logSoftmaxOf(x!, axis)],
  cases: softmaxCases(),
};
