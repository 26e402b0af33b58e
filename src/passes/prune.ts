import type { Graph } from '../graph/graph.js';
import { rewriteGraph } from '../graph/rewrite.js';

/** Leaves out the nodes that no output needs. */
export const prune = (graph: Graph): Graph => rewriteGraph(graph);
