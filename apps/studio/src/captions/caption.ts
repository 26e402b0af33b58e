// In the worker: captions images. ONNX Runtime keeps it busy while the page stays smooth.
import { decodeByBeam, entropyOf, OnnxCaptioner } from 'legenda';
import type { CaptionerManifest } from 'legenda/node';
import { openWebRuntime } from 'legenda/web';

/** What is asked: first to open a captioner by the address of its files, then to caption images. */
export type Order =
  | { readonly type: 'open'; readonly address: string }
  | { readonly type: 'caption'; readonly job: number; readonly pixels: Float32Array; readonly beam: number };

export interface Word {
  readonly word: string;
  readonly probability: number;
  /** The likeliest words in its place, itself among them. */
  readonly alternatives: readonly { readonly word: string; readonly probability: number }[];
  /** Of the choice of the word, in bits. */
  readonly entropy: number;
  /** By region of a square grid; undefined where the decoder does not look. */
  readonly attention: Float32Array | undefined;
  /** Of where it looked, in bits. */
  readonly spread: number | undefined;
}

export type Told =
  | { readonly type: 'ready'; readonly about: CaptionerManifest; readonly runtime: string }
  | { readonly type: 'word'; readonly job: number; readonly word: Word }
  /** Others that a beam search finds, the likeliest first. */
  | {
      readonly type: 'done';
      readonly job: number;
      readonly others: readonly { readonly caption: string; readonly probability: number }[];
      readonly seconds: number;
    }
  | { readonly type: 'failed'; readonly message: string };

const tell = (what: Told) => postMessage(what);
const alternatives = 5;

let about: CaptionerManifest;
let captioner: OnnxCaptioner;
/** The image that was given last: what is said of others before it is not heard any more. */
let newest = 0;
/** One after the other. */
let last: Promise<unknown> = Promise.resolve();

/** Hears what the page says. */
export function hear(order: Order): void {
  if (order.type === 'caption') newest = order.job;
  last = last.then(() =>
    (order.type === 'open' ? open(order.address) : caption(order)).catch(({ message }) =>
      tell({ type: 'failed', message }),
    ),
  );
}

async function open(address: string): Promise<void> {
  /** Of which export the files are: those of a run that goes on are others after every checkpoint. */
  let of = '';
  const read = async (name: string) => {
    const response = await fetch(`${address}/${name}${of}`);
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { detail?: string };
    throw new Error(problem.detail ?? `${name}: ${response.status} ${response.statusText}`);
  };
  const bytes = async (name: string) => new Uint8Array(await (await read(name)).arrayBuffer());
  const manifest = await read('captioner.json');
  const key = /^"(\d+-[a-z-]+)"$/.exec(manifest.headers.get('etag') ?? '')?.[1];
  if (key !== undefined) of = `?of=${key}`;
  about = (await manifest.json()) as CaptionerManifest;
  const [runtime, look, say] = await Promise.all([openWebRuntime(), bytes(about.look), bytes(about.say)]);
  captioner = await OnnxCaptioner.open(runtime, { look, say }, about.words.length);
  tell({
    type: 'ready',
    about,
    runtime: `${runtime.name}, ${runtime.threads} thread${runtime.threads > 1 ? 's' : ''}`,
  });
}

async function caption({ job, pixels, beam }: Order & { type: 'caption' }): Promise<void> {
  if (job !== newest) return;
  const began = performance.now();
  const { start, end, never, maxLength, image } = about;
  const source = await captioner.look(pixels, image.side);
  const allowed = (word: number) => word === end || !never.includes(word);
  for (let word = start, count = 0; count < maxLength; count++) {
    const { logProbabilities, attention } = await source.next([word]);
    const probabilities = logProbabilities.map(Math.exp);
    const ranked = [...probabilities.keys()]
      .filter(allowed)
      .sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
    word = ranked[0]!;
    const named = (choice: number) => ({
      word: choice === end ? '(end)' : about.words[choice]!,
      probability: probabilities[choice]!,
    });
    tell({
      type: 'word',
      job,
      word: {
        ...named(word),
        alternatives: ranked.slice(0, alternatives).map(named),
        entropy: entropyOf(probabilities),
        attention: attention?.slice(),
        spread: attention && entropyOf(attention),
      },
    });
    if (word === end) break;
    // lets in what the page says
    await new Promise((resolve) => setTimeout(resolve));
    if (job !== newest) return;
  }
  const found = await decodeByBeam(await captioner.look(pixels, image.side, beam), 1, {
    beam,
    best: beam,
    maxLength,
    never,
  });
  const others = found[0]!.map(({ words, logProbability }) => ({
    caption: words.map((word) => about.words[word]).join(' '),
    probability: Math.exp(logProbability),
  }));
  tell({ type: 'done', job, others, seconds: (performance.now() - began) / 1000 });
}
