import { ahead } from '../../data/ahead.js';
import { DamagedImage } from '../../data/images/damaged-image.js';
import { type ImageSource, Preprocessor } from '../../data/images/preprocess.js';
import { LegendaError, UsageError } from '../../errors.js';
import { CaptionWriter } from '../../recipes/caption-writer.js';
import { describeVersions } from '../../recipes/machine.js';
import { openCaptioner } from '../../recipes/open-captioner.js';
import { openTrained } from '../../recipes/open-run.js';
import type { Runtime } from '../../runtime/session.js';
import type { Manifest } from '../manifest.js';
import { type Archive, pathOfArchive } from '../open-archive.js';
import type { Tile } from '../plan/tile.js';
import type { TileRow } from '../row.js';
import { StorageError } from './blame.js';
import { boundsOf, type Footprint } from './place.js';
import { TileClassifier } from './tile-classifier.js';
import { TileReader } from './tile-reader.js';

/** Tiles as networks take them. */
interface ReadTiles {
  readonly tiles: readonly Tile[];
  readonly errors: readonly (LegendaError | undefined)[];
  readonly places: readonly (Footprint | undefined)[];
  readonly pixels: Float32Array;
  /** As the classifier takes them. */
  readonly ofClass: Float32Array;
}

/** What is said of a tile, and where it is where that is asked. */
export interface DescribedTile {
  readonly row: TileRow;
  readonly footprint: Footprint | undefined;
}

interface Parts {
  readonly writer: CaptionWriter;
  readonly preprocessor: Preprocessor;
  readonly classifier: TileClassifier | undefined;
  readonly folder: string;
  readonly areMosaics: boolean;
  readonly footprints: boolean;
}

/** Describes an archive's tiles: its captioner and classifier, compiled. */
export class Describer implements AsyncDisposable {
  readonly #writer: CaptionWriter;
  readonly #preprocessor: Preprocessor;
  readonly #classifier: TileClassifier | undefined;
  /** What images' paths start from. */
  readonly #folder: string;
  readonly #areMosaics: boolean;
  readonly #footprints: boolean;
  /** One is read into while the other is worked on. */
  readonly #places: readonly [pixels: Float32Array, ofClass: Float32Array][];

  private constructor({ writer, preprocessor, classifier, folder, areMosaics, footprints }: Parts) {
    this.#writer = writer;
    this.#preprocessor = preprocessor;
    this.#classifier = classifier;
    this.#folder = folder;
    this.#areMosaics = areMosaics;
    this.#footprints = footprints;
    const { batch } = writer;
    this.#places = [0, 1].map(() => [
      new Float32Array(batch * preprocessor.size),
      new Float32Array(batch * (classifier?.input.size ?? 0)),
    ]);
  }

  /**
   * @param runtime as the archive wants it (`threads`, `device`)
   * @throws UsageError when the runs or the versions are not those that the archive was begun with; LegendaError when they cannot be read
   */
  static async open({ dir, manifest }: Archive, runtime: Runtime): Promise<Describer> {
    checkVersions(dir, manifest, runtime);
    const { captioner, classifier, source, tiling, footprints } = manifest;
    const trained = await openCaptioner(pathOfArchive(dir, captioner.run), captioner.checkpoint ?? undefined);
    checkRun(dir, captioner, trained.sha256);
    const classified = classifier && (await openTrained(pathOfArchive(dir, classifier.run)));
    if (classified) checkRun(dir, classifier, classified.sha256);
    const writer = await CaptionWriter.open(trained, { runtime, writing: captioner });
    try {
      const classes = classified ? await TileClassifier.open(classified, runtime, writer.batch) : undefined;
      const preprocessor = new Preprocessor(trained.preprocessing, { name: 'it' });
      const folder = pathOfArchive(dir, source.path);
      const areMosaics = tiling !== null;
      return new Describer({ writer, preprocessor, classifier: classes, folder, areMosaics, footprints });
    } catch (error) {
      await writer[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Describes tiles, a batch at a time; the next is read meanwhile.
   * @throws StorageError when tiles cannot be read and that is not their fault; the signal's reason
   */
  async *describe(tiles: readonly Tile[], signal?: AbortSignal): AsyncGenerator<DescribedTile[]> {
    // not kept for the next shard, before which images may be mended
    await using reader = new TileReader(this.#folder, this.#areMosaics);
    for await (const read of ahead(tiles, this.#writer.batch, (some, place) => this.#read(reader, some, place))) {
      signal?.throwIfAborted();
      yield await this.#rows(read);
    }
  }

  async #read(reader: TileReader, tiles: readonly Tile[], place: 0 | 1): Promise<ReadTiles> {
    const [pixels, ofClass] = this.#places[place]!;
    const places: (Footprint | undefined)[] = tiles.map(() => undefined);
    const ends = await Promise.allSettled(
      tiles.map(async (tile, i) => {
        if (this.#footprints) places[i] = await placeOf(reader, tile);
        await this.#write(await reader.load(tile), i, pixels, ofClass);
      }),
    );
    await reader.settle();
    const errors = ends.map((end, i) => {
      if (end.status === 'fulfilled') return undefined;
      if (!isOfTile(end.reason)) throw end.reason;
      pixels.fill(0, i * this.#preprocessor.size, (i + 1) * this.#preprocessor.size);
      return end.reason;
    });
    return { tiles, errors, places, pixels, ofClass };
  }

  async #write(source: ImageSource, i: number, pixels: Float32Array, ofClass: Float32Array): Promise<void> {
    await this.#preprocessor.write(source, pixels, i * this.#preprocessor.size);
    const input = this.#classifier?.input;
    if (input) input.normalise(await input.pixels(source), ofClass, i * input.size);
  }

  async #rows({ tiles, errors, places, pixels, ofClass }: ReadTiles): Promise<DescribedTile[]> {
    const captions = await this.#writer.write(await this.#writer.look(pixels), tiles.length);
    const classes = await this.#classifier?.classify(ofClass);
    return tiles.map(({ image, window }, i): DescribedTile => {
      const footprint = places[i];
      const { text, logProbability } = captions[i]![0]!;
      const of = classes?.[i];
      const said = {
        caption: text,
        logProbability: rounded(logProbability),
        ...(of && { class: of.class, classProbability: rounded(of.classProbability) }),
      };
      const error = errors[i];
      const row = {
        image,
        ...(window && { window: [window.x, window.y, window.width, window.height] as const }),
        ...(error ? { error: error instanceof DamagedImage ? error.what : error.message } : said),
        ...(footprint && { bounds: boundsOf(footprint) }),
      };
      return { row, footprint };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#classifier?.[Symbol.asyncDispose]();
    await this.#writer[Symbol.asyncDispose]();
  }
}

/** Whether what is wrong is a tile, and not the storage or us. */
const isOfTile = (error: unknown): error is LegendaError =>
  error instanceof LegendaError && !(error instanceof StorageError) && !(error instanceof UsageError);

/** Where a tile is on Earth; undefined where that is not known, which is no reason to say nothing of it. */
function placeOf(reader: TileReader, tile: Tile): Promise<Footprint | undefined> {
  return reader.place(tile).catch((error) => {
    if (!isOfTile(error)) throw error;
    return undefined;
  });
}

/** Four digits say how sure it is; more would tell kinds of processors apart. */
const rounded = (value: number): number => Number(value.toFixed(4));

function checkRun(dir: string, { run, step, sha256 }: NonNullable<Manifest['classifier']>, came: string): void {
  if (came === sha256) return;
  throw new UsageError(
    `the run ${run} has other parameters than at step ${step}, when the archive ${dir} was begun: what is left would be described differently`,
  );
}

function checkVersions(dir: string, { versions, threads, device }: Manifest, runtime: Runtime): void {
  const { legenda, onnxruntime } = describeVersions(runtime.version);
  const begun = [`Legenda ${versions.legenda}`, `ONNX Runtime ${versions.onnxruntime}`, `${threads} threads`, device];
  const now = [`Legenda ${legenda}`, `ONNX Runtime ${onnxruntime}`, `${runtime.threads} threads`, runtime.device];
  const other = begun.findIndex((each, i) => each !== now[i]);
  if (other === -1) return;
  throw new UsageError(
    `the archive ${dir} was begun with ${begun[other]}, this is ${now[other]}: what is left would be described differently`,
  );
}
