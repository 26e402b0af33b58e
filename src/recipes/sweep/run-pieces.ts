import type { LimitFunction } from 'p-limit';
import type { Piece } from './halving.js';

export interface PiecesOptions {
  /** What may be trained as run folders have it now, what matters most first. */
  readonly look: () => Promise<readonly Piece[]>;
  /** Trains one; what it fails of is not thrown, and known to `look` afterwards. */
  readonly run: (piece: Piece) => Promise<void>;
  readonly limit: LimitFunction;
  /** Once aborted, no further piece begins. */
  readonly signal: AbortSignal | undefined;
}

/** Trains pieces, as many at once as there may be, until there are none. None is tried twice. */
export async function runPieces({ look, run, limit, signal }: PiecesOptions): Promise<void> {
  const inHand = new Map<number, Promise<void>>();
  const tried = new Set<string>();
  const nameOf = ({ trial, rung }: Piece): string => `${trial}/${rung}`;
  let endings = 0;
  /** Endings that the last look may know of: what ends while it looks, it may have missed. */
  let known = 0;
  let pieces = await look();
  for (;;) {
    const isFree = inHand.size < limit.concurrency && !signal?.aborted;
    const next = pieces.find((piece) => isFree && !inHand.has(piece.trial) && !tried.has(nameOf(piece)));
    if (next !== undefined) {
      tried.add(nameOf(next));
      const ended = limit(() => (signal?.aborted ? Promise.resolve() : run(next)));
      inHand.set(
        next.trial,
        ended.finally(() => {
          inHand.delete(next.trial);
          endings++;
        }),
      );
    } else if (inHand.size > 0 || known < endings) {
      if (known === endings) await Promise.race(inHand.values());
      known = endings;
      pieces = await look();
    } else {
      return;
    }
  }
}
