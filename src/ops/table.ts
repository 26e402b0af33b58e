/** Every op there is. A line here and a file beside it make a new one. */
import { Abs } from './abs.js';
import { Add } from './add.js';
import { And } from './and.js';
import { ArgMax } from './arg-max.js';
import { AveragePool } from './average-pool.js';
import { BatchNormalization } from './batch-normalization.js';
import { Cast } from './cast.js';
import { Clip } from './clip.js';
import { Concat } from './concat.js';
import { Conv, ConvTranspose } from './conv.js';
import { Cos } from './cos.js';
import { DepthToSpace } from './depth-to-space.js';
import { Div } from './div.js';
import { Equal } from './equal.js';
import { Erf } from './erf.js';
import { Exp } from './exp.js';
import { Expand } from './expand.js';
import { Flatten } from './flatten.js';
import { Gather } from './gather.js';
import { Gemm } from './gemm.js';
import { GlobalAveragePool } from './global-average-pool.js';
import { Greater } from './greater.js';
import { GreaterOrEqual } from './greater-or-equal.js';
import { HardSigmoid } from './hard-sigmoid.js';
import { Identity } from './identity.js';
import { LayerNormalization } from './layer-normalization.js';
import { LeakyRelu } from './leaky-relu.js';
import { Less } from './less.js';
import { LessOrEqual } from './less-or-equal.js';
import { Log } from './log.js';
import { LogSoftmax } from './log-softmax.js';
import { MatMul } from './matmul.js';
import { Max } from './max.js';
import { MaxPool } from './max-pool.js';
import { Min } from './min.js';
import { Mul } from './mul.js';
import { Neg } from './neg.js';
import { Not } from './not.js';
import { OneHot } from './one-hot.js';
import type { Op } from './op.js';
import { Or } from './or.js';
import { Pad } from './pad.js';
import { Pow } from './pow.js';
import { ReduceMax } from './reduce-max.js';
import { ReduceMean } from './reduce-mean.js';
import { ReduceSum } from './reduce-sum.js';
import { Relu } from './relu.js';
import { Reshape } from './reshape.js';
import { Resize } from './resize.js';
import { ScatterND } from './scatter-nd.js';
import { Sigmoid } from './sigmoid.js';
import { Sign } from './sign.js';
import { Sin } from './sin.js';
import { Slice } from './slice.js';
import { Softmax } from './softmax.js';
import { SpaceToDepth } from './space-to-depth.js';
import { Split } from './split.js';
import { Sqrt } from './sqrt.js';
import { Squeeze } from './squeeze.js';
import { Sub } from './sub.js';
import { Tanh } from './tanh.js';
import { Transpose } from './transpose.js';
import { Unsqueeze } from './unsqueeze.js';
import { Where } from './where.js';

export const ops = {
  Abs,
  Add,
  And,
  ArgMax,
  AveragePool,
  BatchNormalization,
  Cast,
  Clip,
  Concat,
  Conv,
  ConvTranspose,
  Cos,
  DepthToSpace,
  Div,
  Equal,
  Erf,
  Exp,
  Expand,
  Flatten,
  Gather,
  Gemm,
  GlobalAveragePool,
  Greater,
  GreaterOrEqual,
  HardSigmoid,
  Identity,
  LayerNormalization,
  LeakyRelu,
  Less,
  LessOrEqual,
  Log,
  LogSoftmax,
  MatMul,
  Max,
  MaxPool,
  Min,
  Mul,
  Neg,
  Not,
  OneHot,
  Or,
  Pad,
  Pow,
  ReduceMax,
  ReduceMean,
  ReduceSum,
  Relu,
  Reshape,
  Resize,
  ScatterND,
  Sigmoid,
  Sign,
  Sin,
  Slice,
  Softmax,
  SpaceToDepth,
  Split,
  Sqrt,
  Squeeze,
  Sub,
  Tanh,
  Transpose,
  Unsqueeze,
  Where,
};

export type OpName = keyof typeof ops;

/** An op by name. */
export const opOf = (name: string): Op => ops[name as OpName] as unknown as Op;
