import { ops } from '../table.js';
import { NchwcConv } from './nchwc-conv.js';
import { NchwcMaxPool } from './nchwc-max-pool.js';
import { ReorderInput, ReorderOutput } from './reorder.js';

/**
 * The ops with those that are ONNX Runtime's own, which a graph has in its last form alone: no file is read with them, and pages do
 * without.
 */
export const opsOfLastForm = { ...ops, NchwcConv, NchwcMaxPool, ReorderInput, ReorderOutput };
