import type { Column } from './blocks.js';
import { difference, measure, plusMinus } from './format.js';

/** Of a table with a row for each measure: what it is here and in the report, and what the difference is worth. */
export const verdictColumns: readonly Column[] = [
  { key: 'measure', title: 'Measure' },
  { key: 'here', title: 'Here', format: measure },
  { key: 'report', title: 'Report', format: measure },
  { key: 'difference', title: 'Δ', format: difference },
  { key: 'noise', title: 'Noise', format: plusMinus },
  { key: 'verdict', title: 'Verdict' },
];
