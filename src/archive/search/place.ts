import { LegendaError } from '../../errors.js';

/** Lines of a shard. */
const mostLines = 2 ** 24;

/** Where a tile's row stands. */
export interface Place {
  /** The shard's number. */
  readonly shard: number;
  /** From 1; of Parquet, the row. */
  readonly line: number;
}

/** A place as one number, in the order of places. @throws LegendaError when the shard has too many lines */
export function placeId({ shard, line }: Place): number {
  if (line > mostLines) throw new LegendaError(`shard ${shard} has more than ${mostLines} lines`);
  return shard * mostLines + line - 1;
}

export const placeOf = (id: number): Place => ({ shard: Math.floor(id / mostLines), line: (id % mostLines) + 1 });
