/** Every op there is. A line here and a file beside it make a new one. */
import { Abs } from './abs.js';
import { Add } from './add.js';
import { Cast } from './cast.js';
import { Concat } from './concat.js';
import { Conv, ConvTranspose } from './conv.js';
import { DepthToSpace } from './depth-to-space.js';
import { Div } from './div.js';
import { Equal } from './equal.js';
import { Erf } from './erf.js';
import { Exp } from './exp.js';
import { Expand } from './expand.js';
import { Flatten } from './flatten.js';
import { Gather } from './gather.js';
import { Gemm } from './gemm.js';
import { Greater } from './greater.js';
import { GreaterOrEqual } from './greater-or-equal.js';
import { Identity } from './identity.js';
import { Less } from './less.js';
import { LessOrEqual } from './less-or-equal.js';
import { Log } from './log.js';
import { LogSoftmax } from './log-softmax.js';
import { MatMul } from './matmul.js';
import { MaxPool } from './max-pool.js';
import { Mul } from './mul.js';
import { Neg } from './neg.js';
import type { Op } from './op.js';
import { Pad } from './pad.js';
import { Pow } from './pow.js';
import { ReduceMean } from './reduce-mean.js';
import { ReduceSum } from './reduce-sum.js';
import { Relu } from './relu.js';
import { Reshape } from './reshape.js';
import { ScatterND } from './scatter-nd.js';
import { Sigmoid } from './sigmoid.js';
import { Sign } from './sign.js';
import { Slice } from './slice.js';
import { Softmax } from './softmax.js';
import { SpaceToDepth } from './space-to-depth.js';
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
  Cast,
  Concat,
  Conv,
  ConvTranspose,
  DepthToSpace,
  Div,
  Equal,
  Erf,
  Exp,
  Expand,
  Flatten,
  Gather,
  Gemm,
  Greater,
  GreaterOrEqual,
  Identity,
  Less,
  LessOrEqual,
  Log,
  LogSoftmax,
  MatMul,
  MaxPool,
  Mul,
  Neg,
  Pad,
  Pow,
  ReduceMean,
  ReduceSum,
  Relu,
  Reshape,
  ScatterND,
  Sigmoid,
  Sign,
  Slice,
  Softmax,
  SpaceToDepth,
  Sqrt,
  Squeeze,
  Sub,
  Tanh,
  Transpose,
  Unsqueeze,
  Where,
};

export type OpName = keyof typeof ops;

/** The op of a node, by name. */
export const opOf = (name: string): Op => ops[name as OpName] as unknown as Op;
