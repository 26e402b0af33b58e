import { type Block, type Facts, heading, type Inline, paragraph, strong } from './blocks.js';
import { captionerBlocks } from './captioners.js';
import { classifierBlocks } from './classifier.js';
import { type ComparisonPart, comparisonBlocks } from './comparison.js';
import type { CaptionerPart, ClassifierRun, Reproduction } from './data.js';
import { standalone } from './figures/draw.js';
import { count, date, difference, duration, measure, memory, plural, rate, slug } from './format.js';
import { headBlocks } from './heads.js';
import { networkBlocks } from './networks.js';
import { renderPage } from './page.js';
import { publishedEpochs } from './published.js';
import { ranBlocks } from './ran.js';
import { compareRate } from './rates.js';
import { renderMarkdown } from './render-markdown.js';
import { bySetup, measureOver } from './seeds.js';
import { toCsv, toJson } from './table-files.js';
import { toldApart } from './told-apart.js';
import { type Comparison, sameness } from './verdict.js';
import { warnings } from './warnings.js';

/** A report in every form that it is written in. */
export interface RenderedReport {
  /** One page that needs nothing beside it. */
  readonly html: string;
  /** Links to `figures/<name>.svg` and `tables/<name>.csv`. */
  readonly markdown: string;
  /** SVG files by name. */
  readonly figures: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, { readonly csv: string; readonly json: string }>>;
  /** `run.json` by the name of a run. */
  readonly runs: Readonly<Record<string, string>>;
}

/** The page of a reproduction; the same data gives the same bytes. */
export const renderReproduction = (data: Reproduction): RenderedReport =>
  render(data, reproductionBlocks(data), data.mode === 'quick' ? 'A quick run' : 'A full run');

/** A page about caption decoders alone. */
export const renderCaptioners = (data: CaptionerReport): RenderedReport =>
  render(data, [...captionerBlocks(data.captioners), ...provenance(data)], 'Captions');

/** A page about runs of several recipes, of classifiers and captioners. */
export const renderComparison = (data: PageData & ComparisonPart): RenderedReport =>
  render(data, [...comparisonBlocks(data), ...provenance(data)], 'Runs compared');

export type CaptionerReport = PageData & { readonly captioners: CaptionerPart };

type PageData = Pick<
  Reproduction,
  'title' | 'generated' | 'machine' | 'versions' | 'dataset' | 'timings' | 'notes' | 'ran'
>;

function render(data: PageData, blocks: readonly Block[], what: string): RenderedReport {
  const subtitle = `${what}, ${date(data.generated)}, on ${data.machine.cpu}.`;
  const footer = `Made by Legenda ${data.versions.legenda}.`;
  const figures = blocks.filter((block) => block.block === 'figure');
  const tables = blocks.filter((block) => block.block === 'table');
  return {
    html: renderPage({ title: data.title, subtitle, blocks, footer }),
    markdown: renderMarkdown(data.title, [paragraph(subtitle), ...blocks, paragraph(footer)]),
    figures: Object.fromEntries(figures.map(({ id, wide }) => [id, standalone(wide)])),
    tables: Object.fromEntries(tables.map((table) => [table.id, { csv: toCsv(table), json: toJson(table) }])),
    runs: Object.fromEntries(
      (data.ran ?? []).map(({ name, record }) => [name, `${JSON.stringify(record, null, 2)}\n`]),
    ),
  };
}

function reproductionBlocks(data: Reproduction): Block[] {
  const { networks, classifier } = data;
  const counted = networks.filter(({ name }) => name !== classifier.recipe);
  const trained = networks.find(({ name }) => name === classifier.recipe);
  return [
    ...warnings(data),
    {
      block: 'paragraph',
      role: 'lead',
      content: [
        counted.length > 0
          ? `Experiments of a university report on deep learning (January 2022), done again: small networks whose parameters are counted,${data.heads ? ' attention heads and when two of them are the same,' : ''} and a classifier of clothes, Fashion-MNIST, whose learning rate is tuned`
          : 'An experiment of a university report on deep learning (January 2022), done again: a classifier of clothes, Fashion-MNIST, whose learning rate is tuned',
        data.captioners
          ? '; and networks that describe aerial images in a sentence, with and without attention. '
          : '. ',
        'Every number was computed on the machine named at the end, and the report’s own stand beside them.',
      ],
    },
    paragraph(...headline(data)),
    tiles(data),
    ...(counted.length > 0
      ? [
          heading(2, 'experiment-1', 'Experiment 1: networks that are counted'),
          paragraph(
            'No training here: what each layer gives out, and how many numbers it has to learn. A convolution has one kernel over all its input channels, and one bias, for each output channel; a linear layer has a weight for each pair of input and output, and a bias for each output.',
          ),
          ...counted.flatMap((network) => [
            heading(3, `section-${slug(network.name)}`, network.title),
            ...networkBlocks(network),
          ]),
        ]
      : []),
    ...(data.heads ? headBlocks(data.heads) : []),
    heading(2, 'experiment-3', 'Experiment 3: a classifier of clothes'),
    datasetParagraph(data),
    ...(trained ? [heading(3, `section-${slug(trained.name)}`, 'The network'), ...networkBlocks(trained)] : []),
    ...classifierBlocks(data),
    ...(data.captioners ? captionerBlocks(data.captioners) : []),
    ...provenance(data),
  ];
}

function headline(data: Reproduction): Inline[] {
  const { classifier, dataset } = data;
  const best = classifier.runs[classifier.best];
  if (!best) return ['No run of the classifier came to a result.'];
  const settings = toldApart(classifier.runs).get(best);
  const chosen = `The learning rate ${rate(best.learningRate)}${settings ? ` with ${settings}` : ''}, chosen on validation, `;
  const group = bySetup(classifier.runs).find(({ runs }) => runs.includes(best))!;
  const { mean: accuracy, spread, values } = measureOver(group, ({ test }) => test?.accuracy);
  if (accuracy === undefined) return [chosen, 'has not been tested yet.'];
  const over = spread === undefined ? '' : ` ± ${measure(spread)} over ${values.length} seeds`;
  const own = strong(`gives a test accuracy of ${measure(accuracy)}${over}`);
  const { reported } = best;
  if (!reported) return [chosen, own, '.'];
  const than = `The report’s at that rate is ${measure(reported.testAccuracy)} (${differenceAnd(compareRate(group, 'testAccuracy', dataset))})`;
  const after =
    data.mode === 'quick'
      ? ` after ${plural(best.epochs.length, 'epoch')}. ${than}, after ${publishedEpochs}.`
      : `. ${than}.`;
  return [chosen, own, after];
}

/** `+0.0012, within noise` */
const differenceAnd = (comparison: Comparison): string =>
  [difference(comparison.difference ?? Number.NaN), comparison.verdict].filter(Boolean).join(', ');

function tiles({ classifier, dataset, networks, timings, machine }: Reproduction): Facts {
  const best = classifier.runs[classifier.best];
  const trained = networks.find(({ name }) => name === classifier.recipe);
  const reportedBest = classifier.runs
    .flatMap(({ reported, learningRate }) =>
      reported ? [{ learningRate, accuracy: reported.validationAccuracy }] : [],
    )
    .sort((a, b) => b.accuracy - a.accuracy)[0];
  const items: { name: string; value: string; note?: string }[] = [];
  if (best?.test) {
    const group = bySetup(classifier.runs).find(({ runs }) => runs.includes(best))!;
    const { verdict } = compareRate(group, 'testAccuracy', dataset);
    const note = best.reported
      ? { note: [`the report: ${measure(best.reported.testAccuracy)}`, verdict].filter(Boolean).join('; ') }
      : {};
    const { mean = Number.NaN } = measureOver(group, ({ test }) => test?.accuracy);
    items.push({ name: 'Test accuracy', value: measure(mean), ...note });
  }
  if (best) {
    const note = reportedBest ? { note: `the report: ${rate(reportedBest.learningRate)}` } : {};
    items.push({ name: 'Best learning rate', value: rate(best.learningRate), ...note });
  }
  if (trained) {
    const expected = trained.expectedParameters;
    const note =
      expected === undefined
        ? {}
        : { note: `the report: ${count(expected)}; ${sameness(trained.parameters, expected)}` };
    items.push({ name: 'Parameters', value: count(trained.parameters), ...note });
  }
  const seconds = timings.reduce((sum, timing) => sum + timing.seconds, 0);
  items.push({ name: 'Time for all of it', value: duration(seconds), note: `on ${plural(machine.threads, 'thread')}` });
  return { block: 'facts', layout: 'tiles', items };
}

function seedsOf(runs: readonly ClassifierRun[]): string {
  const seeds = bySetup(runs).map((group) => [...new Set(group.runs.map(({ seed }) => seed))].sort());
  if (new Set(seeds.map(String)).size > 1) return 'not all runs that are compared start from the same seeds';
  const what = toldApart(runs).size > 0 ? 'every row of the table' : 'every learning rate';
  return `${what} starts from the same ${(seeds[0]?.length ?? 1) > 1 ? 'seeds' : 'seed'}`;
}

function datasetParagraph({ dataset, classifier }: Reproduction): Block {
  const { train, validation, test } = dataset.sizes;
  return paragraph(
    `Fashion-MNIST: grey pictures of 28×28 of ten kinds of clothes, here ${count(train)} to train on, ${count(validation)} for validation and ${count(test)} for the test. Pixels are divided by 256; `,
    `the loss is the negative log-likelihood; ${seedsOf(classifier.runs)}, and validation alone decides between them.`,
  );
}

/** How long each part took, and on what. */
function provenance({ machine, versions, dataset, timings, notes, ran }: PageData): Block[] {
  const seconds = timings.reduce((sum, timing) => sum + timing.seconds, 0);
  const digests = Object.entries(dataset.digests).map(([name, digest]) => ({
    name: `SHA-256, ${name}`,
    value: digest,
    code: true,
  }));
  return [
    heading(2, 'how', 'How it ran'),
    {
      block: 'table',
      id: 'timings',
      caption: ['How long each part took.'],
      columns: [
        { key: 'part', title: 'Part' },
        { key: 'seconds', title: 'Time', format: duration },
      ],
      rows: timings.map((timing) => ({ ...timing })),
      total: { part: 'In all', seconds },
    },
    ...ranBlocks(ran),
    {
      block: 'facts',
      layout: 'rows',
      items: [
        {
          name: 'Processor',
          value: `${machine.cpu}, ${plural(machine.cores, 'core')}, ${plural(machine.threads, 'thread')} used`,
        },
        { name: 'Memory', value: memory(machine.memoryBytes) },
        { name: 'Platform', value: machine.platform },
        {
          name: 'Versions',
          value: `Legenda ${versions.legenda}, Node ${versions.node}, ONNX Runtime ${versions.onnxruntime}`,
        },
        {
          name: 'Data',
          value: `${dataset.name}${dataset.sample ? ' (the bundled sample)' : ''}, from ${dataset.source}`,
        },
        ...digests,
      ],
    },
    ...notes.map((note) => paragraph(note)),
  ];
}
