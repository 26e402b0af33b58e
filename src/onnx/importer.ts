import type { Graph } from '../graph/graph.js';
import type { Bound } from './bound.js';
import type { Folder } from './fold.js';
import type { NodeSource } from './node-source.js';

/**
 * Reads a node that no op of ours reads as it is. Its results are one for each output it may have; `undefined` leaves the
 * node to the op of its name.
 */
export type Importer = (node: NodeSource, graph: Graph, folder: Folder) => readonly Bound[] | undefined;
