import type { Graph } from '../graph/graph.js';
import { verifyGraph } from '../graph/verify.js';
import { dedupe } from './dedupe.js';

/** Every pass, in order; the rules of the graph are checked after each. */
export function optimise(graph: Graph): Graph {
  return [dedupe].reduce((current, pass) => {
    const next = pass(current);
    verifyGraph(next);
    return next;
  }, graph);
}
