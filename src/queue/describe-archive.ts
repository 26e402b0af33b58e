import { type Archive, isDescribed, tilesOf } from '../archive/open-archive.js';
import { shardNumbers, shardsFolder } from '../archive/shards.js';
import { type Summary, summarise } from '../archive/summary.js';
import { LegendaError, UsageError } from '../errors.js';
import { removeTemporaries } from '../files.js';
import { JobLost } from './apart/job-process.js';
import { type Board, idOf, type Job } from './job.js';

export interface DescribeListeners {
  readonly signal?: AbortSignal | undefined;
  /** @param done tiles that are described, some of them in shards that have not ended */
  readonly onTiles?: (done: number) => void;
}

/**
 * Has every shard described that is not, and counts. Where one cannot be described no more begin, since the next would likely fail
 * alike; but what ends its process each time does so alone.
 * @throws LegendaError naming the shards that could not be described, and why; the signal's reason
 */
export async function describeArchive(
  archive: Archive,
  board: Board,
  { signal, onTiles }: DescribeListeners = {},
): Promise<Summary> {
  const there = new Set(await shardNumbers(archive.dir, archive.manifest.output));
  const progress = new TileCount(archive, there, onTiles);
  const failures = new Map<string, number[]>();
  const left = missing(archive, there);
  let stopped = false;
  const give = async (): Promise<void> => {
    for (const shard of left) {
      if (stopped) return;
      try {
        await board.perform(shardJob(archive, shard), { signal, onShare: (share) => progress.share(shard, share) });
        progress.done(shard);
      } catch (error) {
        stopped ||= !(error instanceof JobLost);
        if (!(error instanceof LegendaError) || error instanceof UsageError || signal?.aborted) throw error;
        failures.set(error.message, [...(failures.get(error.message) ?? []), shard]);
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: board.capacity }, give));
  const wrong = ends.find((end) => end.status === 'rejected');
  if (wrong !== undefined) throw wrong.reason;
  if (failures.size > 0) throw new LegendaError([...failures].map(failureLine).join('\n'));
  // all is there: what is still being written, by a worker that was thought dead, is there too
  await removeTemporaries(shardsFolder(archive.dir));
  return summarise(archive, signal);
}

/** Shards that failed of the same. */
const failureLine = ([message, [first, ...others]]: [string, number[]]): string =>
  `shard ${first}${others.length > 0 ? ` and ${others.length} more` : ''}: ${message}`;

/** Numbers of shards that are not described, for many to take from. */
function* missing({ manifest }: Archive, there: ReadonlySet<number>): Generator<number> {
  for (let shard = 0; shard < manifest.shards; shard++) if (!there.has(shard)) yield shard;
}

const shardJob = (archive: Archive, shard: number): Job => ({
  id: `shard-${idOf(archive.dir, archive.sha256)}-${String(shard).padStart(6, '0')}`,
  order: { type: 'shard', archive: archive.dir, sha256: archive.sha256, shard },
  isDone: () => isDescribed(archive, shard),
});

/** Tiles that are described, as far as it is known. */
class TileCount {
  readonly #archive: Archive;
  readonly #onTiles: ((done: number) => void) | undefined;
  readonly #shares = new Map<number, number>();
  #whole = 0;

  constructor(archive: Archive, there: ReadonlySet<number>, onTiles: ((done: number) => void) | undefined) {
    this.#archive = archive;
    this.#onTiles = onTiles;
    for (const shard of there) this.#whole += this.#size(shard);
    this.#tell();
  }

  share(shard: number, share: number): void {
    this.#shares.set(shard, share);
    this.#tell();
  }

  done(shard: number): void {
    this.#shares.delete(shard);
    this.#whole += this.#size(shard);
    this.#tell();
  }

  #size(shard: number): number {
    const [from, to] = tilesOf(this.#archive, shard);
    return to - from;
  }

  #tell(): void {
    let tiles = this.#whole;
    for (const [shard, share] of this.#shares) tiles += share * this.#size(shard);
    this.#onTiles?.(Math.round(tiles));
  }
}
