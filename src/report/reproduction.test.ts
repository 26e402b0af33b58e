import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { captionersFixture } from '../../test/support/captioners.js';
import { reproductionFixture } from '../../test/support/reproduction.js';
import type { ClassifierRun, Reproduction } from './data.js';
import { renderReproduction } from './reproduction.js';
import { writeReport } from './write.js';

const data = reproductionFixture();

function withRuns(change: (run: ClassifierRun, i: number) => Partial<ClassifierRun>): Reproduction {
  const runs = data.classifier.runs.map((run, i) => ({ ...run, ...change(run, i) }));
  return { ...data, classifier: { ...data.classifier, runs } };
}

const page = (reproduction: Reproduction) => parseHTML(renderReproduction(reproduction).html).document;

const textOf = (reproduction: Reproduction) => (page(reproduction).body.textContent ?? '').replace(/\s+/g, ' ');

/** The texts of a table's cells, row by row, heads included. */
const cellsOf = (reproduction: Reproduction, id: string): string[][] =>
  [...page(reproduction).querySelectorAll(`table[aria-labelledby="table-${id}"] tr`)].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => cell.textContent ?? ''),
  );

describe('the page', () => {
  it('counts both networks layer by layer, with formulas and totals', () => {
    expect(cellsOf(data, 'network-conv-pool-linear')).toEqual([
      ['Layer', 'Type', 'Output', 'How they are counted', 'Parameters', 'Multiply-adds'],
      ['conv', 'Conv2d', '24×24×8', '(5·5·3)·8 + 8', '608', '345,600'],
      ['pool', 'MaxPool2d', '11×11×8', '', '0', '0'],
      ['flatten', 'Flatten', '968', '', '0', '0'],
      ['linear', 'Linear', '10', '968·10 + 10', '9,690', '9,680'],
      ['softmax', 'Softmax', '10', '', '0', '0'],
      ['In all', '', '', '', '10,298', '355,280'],
    ]);
    expect(cellsOf(data, 'network-mlp').at(-1)).toEqual(['In all', '', '', '', '236,310', '236,200']);
    const text = textOf(data);
    expect(text).toContain('10,298 parameters, the same as the report’s (10,298).');
    expect(text).toContain('236,310 parameters, the same as the report’s (236,310).');
    expect(text).toContain('769,930 parameters, the same as the report’s (769,930).');
  });

  it('says so when a network is not the report’s', () => {
    const networks = data.networks.map((network) => ({ ...network, parameters: network.parameters + 1 }));
    expect(textOf({ ...data, networks })).toContain('10,299 parameters, not the same: 1 more than the report’s 10,298');
  });

  it('sets the rates beside the report’s, with differences and the best marked', () => {
    const runs = withRuns((_, i) => ({
      test: { loss: 0.3, accuracy: [0.8, 0.9072, 0.7][i]!, checkpoint: 'last' },
      epochs: [
        { epoch: 1, trainLoss: 0.5, trainLossSinceStart: 0.5, validationLoss: 1, validationAccuracy: 0.8, seconds: 1 },
        {
          epoch: 2,
          trainLoss: 0.2,
          trainLossSinceStart: 0.35,
          validationLoss: 1,
          validationAccuracy: 0.91,
          seconds: 1,
        },
      ],
    }));
    const rows = cellsOf(runs, 'learning-rates');
    expect(rows[0]).toEqual(['Rate', 'Epochs', 'Training loss', 'Validation accuracy', 'Test accuracy']);
    expect(rows[3]).toEqual([
      '0.01',
      '2',
      '0.3500',
      '0.3268',
      '+0.0232',
      '0.9100',
      '0.9111',
      '−0.0011',
      '0.9072',
      '0.9060',
      '+0.0012',
    ]);
    const marked = page(runs).querySelectorAll('tr.marked');
    expect([...marked].map((row) => row.firstElementChild?.textContent)).toEqual(['0.01']);
    expect(textOf(runs)).toContain(
      'gives a test accuracy of 0.9072. The report’s at that rate is 0.9060 (+0.0012, within noise).',
    );
  });

  it('says of every difference what it is worth', () => {
    const verdicts = (reproduction: Reproduction) =>
      cellsOf(reproduction, 'verdicts')
        .slice(1)
        .map((row) => row.slice(-2).join(' '));
    expect(verdicts(data)).toEqual([
      ...['– –', '±0.0084 within noise', '±0.0085 worse'],
      ...['– –', '±0.0082 worse', '±0.0083 worse'],
      ...['– –', '±0.0097 within noise', '±0.0098 within noise'],
    ]);
    const sample = { ...data, dataset: { ...data.dataset, sample: true } };
    expect(new Set(verdicts(sample))).toEqual(new Set(['– not comparable']));
    expect(textOf(sample)).toContain('so nothing here compares with it');
    const short = withRuns(({ epochs }) => ({ epochs: epochs.slice(0, 2) }));
    expect(textOf(short)).toContain('Trained for 2 of the report’s 15 epochs: the differences are mostly training');
    expect(textOf(data)).not.toContain('mostly training');
  });

  it('has a row for each rate under several seeds, with means and spread, and lines of means', () => {
    const runs = [1, 2, 3].flatMap((seed) =>
      data.classifier.runs.map((run) => ({
        ...run,
        dir: `${run.dir}-seed-${seed}`,
        seed,
        epochs: run.epochs.map((epoch) => ({ ...epoch, trainLossSinceStart: epoch.trainLossSinceStart + 0.01 * seed })),
        test: { loss: 1, accuracy: 0.9 + 0.001 * seed, checkpoint: 'last' as const },
      })),
    );
    const seeded = { ...data, classifier: { ...data.classifier, runs, best: 4 } };
    const rows = cellsOf(seeded, 'learning-rates');
    expect(rows).toHaveLength(2 + 3);
    expect(rows[0]).toEqual(['Rate', 'Seeds', 'Epochs', 'Training loss', 'Validation accuracy', 'Test accuracy']);
    expect(rows[3]).toEqual([
      ...['0.01', '3', '15', '0.3613 ± 0.0100', '0.3268', '0.8970 ± 0.0000', '0.9111', '0.9020 ± 0.0010', '0.9060'],
    ]);
    const verdicts = cellsOf(seeded, 'verdicts');
    expect(verdicts).toHaveLength(1 + 9);
    expect(verdicts[4]!.slice(-3)).toEqual(['+0.0345', '±0.0497', 'within noise']);
    const text = textOf(seeded);
    expect(text).toContain(
      'gives a test accuracy of 0.9020 ± 0.0010 over 3 seeds. The report’s at that rate is 0.9060',
    );
    expect(text).toContain('every learning rate starts from the same seeds');
    const paths = page(seeded).querySelectorAll('#figure-validation-accuracy .wide [data-mark="line"] path');
    expect(paths).toHaveLength(3 + 9);
    expect(cellsOf(seeded, 'epochs')).toHaveLength(2 + 9 * 15);
    expect(page(seeded).querySelectorAll('tr.marked th')[0]?.textContent).toBe('0.01');
    const csv = renderReproduction(seeded).tables['learning-rates']!.csv;
    expect(csv.split('\r\n')[0]).toContain('trainingLoss,trainingLossSpread,trainingLossReported');
  });

  it('tells runs of one rate apart by what differs, and says nothing of seeds that is not so', () => {
    const batch = withRuns((_, i) => ({
      ...{ learningRate: 0.02, reported: undefined, setup: `batch=${8 + i}`, seed: i },
      configuration: { lr: 0.02, batch: 8 + i, epochs: 15 },
    }));
    const columns = (id: string) => cellsOf(batch, id).map((row) => row.slice(0, 2));
    expect(columns('learning-rates').slice(0, 1)).toEqual([['Rate', 'Settings']]);
    expect(columns('learning-rates').slice(2)).toEqual([8, 9, 10].map((size) => ['0.02', `batch=${size}`]));
    expect(renderReproduction(batch).tables['epochs']!.csv).toMatch(
      /^learningRate,settings,seed,epoch,.*\r\n0.02,batch=8,0,1,/,
    );
    const text = textOf(batch);
    expect(text).toContain('The learning rate 0.02 with batch=9, chosen on validation');
    expect(text).toContain('not all runs that are compared start from the same seeds');
    expect(text).toContain('Each learning rate; the report has none of these rows.');
    const [first, ...others] = batch.classifier.runs;
    const uneven = { ...batch, classifier: { ...batch.classifier, runs: [first!, { ...first!, seed: 9 }, ...others] } };
    expect(textOf(uneven)).toContain('One row is one rate with its settings, trained under one seed or several.');
    expect(textOf(data)).toContain('every learning rate starts from the same seed,');
    expect(cellsOf(data, 'learning-rates')[0]).not.toContain('Settings');
  });

  it('says of each run which epoch was tested where that is not the same in all', () => {
    const tested = (checkpoints: readonly ('best' | 'last')[]) =>
      withRuns(({ test }, i) => ({ test: { ...test!, checkpoint: checkpoints[i]! } }));
    const mixed = cellsOf(tested(['best', 'last', 'last']), 'learning-rates');
    expect(mixed[0]).toContain('Tested');
    expect(mixed.slice(2).map((row) => row[2])).toEqual(['best', 'last', 'last']);
    expect(textOf(tested(['best', 'best', 'best']))).toContain('those of the epoch that did best on validation.');
    expect(textOf(data)).toContain('accuracies are those of the last epoch.');
  });

  it('explains both readings of training loss, and whether the rates rank as in the report', () => {
    const text = textOf(data);
    expect(text).toContain('every step since the start');
    expect(text).toContain('the rates rank as in the report, from best to worst: 0.01, 0.1, 0.001.');
    const other = withRuns((run, i) => ({
      epochs: run.epochs.map((epoch) => ({ ...epoch, validationAccuracy: [0.3, 0.2, 0.1][i]! })),
    }));
    expect(textOf(other)).toContain('the rates do not rank as in the report: from best to worst 0.1, 0.01, 0.001 here');
  });

  it('has the curves, both filter grids and the confusion matrix, each named, numbered and for both widths', () => {
    const figures = [...page(data).querySelectorAll('figure.drawing')];
    expect(figures.map(({ id }) => id)).toEqual([
      'figure-training-loss',
      'figure-validation-accuracy',
      'figure-confusion',
      'figure-filters-conv1',
      'figure-filters-conv2',
    ]);
    for (const [i, figure] of figures.entries()) {
      expect(figure.querySelector('figcaption')?.textContent).toMatch(new RegExp(`^Figure ${i + 1}\\. \\S`));
      expect(figure.querySelector('svg')?.getAttribute('aria-label')).toBeTruthy();
    }
    expect(figures.map((figure) => figure.querySelectorAll('svg').length)).toEqual([2, 2, 2, 1, 1]);
  });

  it('names the most frequent confusions', () => {
    const confusion = {
      classes: ['cat', 'dog'],
      counts: [
        [90, 10],
        [2, 98],
      ],
    };
    expect(textOf(withRuns(() => ({ confusion })))).toContain(
      'takes cat for dog (10 of 100) and dog for cat (2 of 100).',
    );
    const perfect = {
      classes: ['cat', 'dog'],
      counts: [
        [9, 0],
        [0, 9],
      ],
    };
    expect(textOf(withRuns(() => ({ confusion: perfect })))).toContain('nothing for anything else');
  });

  it('names the command under each figure and each table of results', () => {
    const commands = (selector: string) =>
      [...page(data).querySelectorAll(selector)].map((figure) => figure.querySelector('.again code')?.textContent);
    const sweep = data.classifier.command;
    const filters = 'legenda explain filters runs/lr=0.01 --out figures';
    expect(commands('figure.drawing')).toEqual([sweep, sweep, 'legenda report runs/lr=0.01', filters, filters]);
    expect(commands('figure.table')).toEqual([
      'legenda summary conv-pool-linear',
      'legenda summary mlp',
      'legenda summary fashion-cnn',
      sweep,
      sweep,
      sweep,
      undefined,
      undefined,
    ]);
    expect(renderReproduction(data).markdown).toContain(`its largest white. Again: \`${filters}\``);
  });

  it('has contents whose links all lead somewhere', () => {
    const document = page(data);
    const links = [...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href')!);
    expect(links).toHaveLength(document.querySelectorAll('h2[id], h3[id]').length);
    for (const link of links) expect(document.getElementById(link.slice(1)), link).not.toBeNull();
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says how long each part took, and on what', () => {
    expect(cellsOf(data, 'timings').at(-1)).toEqual(['In all', '30 min 37 s']);
    const text = textOf(data);
    for (const fact of ['A processor of a fixture', '12.0 GiB', 'Node v20.19.0', 'ONNX Runtime 1.30.0', 'c59f468a']) {
      expect(text).toContain(fact);
    }
  });

  it('lists what ran, with the command that trains it again', () => {
    const [titles, first] = cellsOf(data, 'what-ran');
    expect(titles!.join(' ')).toBe('Run Recipe Settings Seed Data Epochs Time Threads State');
    expect(first).toEqual([
      ...['runs-lr=0.1', 'fashion-cnn', 'lr=0.1', '42', 'fashion-mnist (sample)', '15', '10 min 00 s', '2', 'done'],
    ]);
    expect(textOf(data)).toContain('legenda train fashion-cnn --set lr=0.1 --seed 42 --threads 2 --sample');
    const ran = [{ ...data.ran![0]!, changed: { channels: [1, 2], encoder: 'my model.onnx' } }];
    expect(textOf({ ...data, ran })).toContain("--set 'channels=[1,2]' --set 'encoder=my model.onnx' --seed");
    expect(cellsOf({ ...data, ran }, 'what-ran')[1]![2]).toBe('lr=0.1, channels=[1,2], encoder=my model.onnx');
    expect(page({ ...data, ran: undefined }).getElementById('table-what-ran')).toBeNull();
  });

  it('is loud about a quick run and about the sample, and only then', () => {
    expect(page(data).querySelectorAll('.callout')).toHaveLength(0);
    const quick = withRuns(({ epochs }) => ({ epochs: epochs.slice(0, 2) }));
    const sizes = { train: 2500, validation: 500, test: 600 };
    const loud = { ...quick, mode: 'quick', dataset: { ...data.dataset, sample: true, sizes } } as const;
    const callouts = [...page(loud).querySelectorAll('header .callout')].map((node) => node.textContent);
    expect(callouts[0]).toMatch(
      /^Only the bundled sample was used\. .*2,500 training images, not 50,000.*600, not 10,000/,
    );
    expect(callouts[1]).toMatch(/^A quick run\. It trained for 2 epochs; the report trained for 15\./);
    expect(renderReproduction(loud).markdown).toContain('> **Only the bundled sample was used.**');
  });

  it('says why the sample was used as far as that is known, and of no training left out where none was', () => {
    const sample = { ...data, mode: 'quick', dataset: { ...data.dataset, sample: true } } as const;
    const callouts = (reproduction: Reproduction) =>
      [...page(reproduction).querySelectorAll('header .callout')].map((node) => node.textContent ?? '');
    const [asked, ...others] = callouts({ ...sample, sampleBecause: 'asked' });
    expect(asked).toMatch(/^Only the bundled sample was used\. It was asked for, so the classifier saw /);
    expect(asked).toMatch(/Without --sample it sees all of them\.$/);
    expect(others).toEqual([]);
    expect(callouts({ ...sample, sampleBecause: 'missing' })[0]).toContain('was not to be had, so the classifier saw');
    expect(callouts(sample)[0]).toMatch(/was used\. The classifier saw /);
    expect(callouts({ ...sample, captioners: captionersFixture() })[1]).toContain(
      'trained for 15 epochs, as many as the report’s; the caption decoders trained for fewer',
    );
    const short = withRuns(({ epochs }) => ({ epochs: epochs.slice(0, 2) })).classifier;
    expect(callouts({ ...sample, classifier: short })[1]).not.toContain('mostly training');
    expect(callouts({ ...data, mode: 'quick', classifier: short })[0]).toContain('mostly training that was left out');
  });

  it('tells of runs that did not come to their end', () => {
    const states = ['diverged', 'done', 'interrupted'] as const;
    const runs = withRuns((run, i) => ({ state: states[i]!, epochs: run.epochs.slice(0, i) }));
    const text = textOf(runs);
    expect(text).toContain(
      'The run at 0.1 diverged: its loss was no longer finite, and it was stopped there, after 0 epochs.',
    );
    expect(text).toContain('The run at 0.001 was interrupted, after 2 epochs.');
    expect(cellsOf(runs, 'learning-rates')[0]).toContain('State');
  });

  it('stays a page when nothing came to a result', () => {
    const failed = withRuns(() => ({
      state: 'failed',
      epochs: [],
      test: undefined,
      filters: undefined,
      confusion: undefined,
    }));
    const text = textOf({ ...failed, classifier: { ...failed.classifier, best: -1 } });
    expect(text).toContain('No run of the classifier came to a result.');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    const none = {
      ...data,
      networks: [],
      timings: [],
      notes: [],
      classifier: { ...data.classifier, runs: [], best: -1 },
    };
    expect(textOf(none)).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('shows a loss that is not finite in words', () => {
    const runs = withRuns(({ epochs }) => ({
      state: 'diverged',
      epochs: epochs.map((epoch) => ({ ...epoch, trainLoss: Number.NaN, trainLossSinceStart: Number.NaN })),
    }));
    expect(cellsOf(runs, 'learning-rates')[2]![3]).toBe('not finite');
    expect(renderReproduction(runs).html).not.toContain('NaN');
  });
});

describe('its safety', () => {
  it('needs nothing from elsewhere and runs nothing', () => {
    const { html } = renderReproduction(data);
    const document = page(data);
    expect(document.querySelector('meta[http-equiv]')?.getAttribute('content')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    );
    expect(document.querySelectorAll('script, link, iframe, object, embed, img, base, form')).toHaveLength(0);
    expect(html).not.toMatch(/\b(src|href|xlink:href)="(?!#)|url\(|@import/);
    expect(Buffer.byteLength(html)).toBeLessThan(400_000);
  });

  it('escapes every text, wherever it comes from', () => {
    const evil = '</style></title><script>alert(1)</script><img src=x onerror="alert(1)">\'"`|';
    const poison = <T>(value: T): T => {
      if (typeof value === 'string') return evil as T;
      if (Array.isArray(value)) return value.map(poison) as T;
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, poison(own)])) as T;
    };
    const { mode, classifier } = data;
    const runs = classifier.runs.map((run) => ({ ...poison(run), state: run.state, test: run.test }));
    const ran = data.ran!.map((run) => ({ ...poison(run), name: run.name, changed: { [evil]: evil } }));
    const poisoned: Reproduction = {
      ...poison(data),
      mode,
      dataset: { ...poison(data.dataset), digests: { [evil]: evil }, sample: true },
      classifier: { ...poison(classifier), runs },
      ran,
    };
    const { html, markdown, figures, tables } = renderReproduction(poisoned);
    const { document } = parseHTML(html);
    expect(document.querySelectorAll('script, img, [onerror]')).toHaveLength(0);
    expect(html).not.toMatch(/<(script|img)/);
    expect(document.querySelectorAll('style')).toHaveLength(1);
    expect(markdown.replace(/`[^`\n]*(`` [^\n]* ``)?/g, '')).not.toMatch(/(?<!\\)<(script|img)/);
    for (const svg of Object.values(figures)) expect(svg).not.toMatch(/<(script|img)/);
    for (const name of [...Object.keys(figures), ...Object.keys(tables)]) expect(name).toMatch(/^[\w-]+$/);
  });

  it('gives the same bytes for the same data', () => {
    expect(renderReproduction(data)).toEqual(renderReproduction(reproductionFixture()));
  });
});

describe('writeReport', () => {
  it('leaves a run alone that has the name of a record', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'report-'));
    try {
      const run = join(dir, 'runs', 'runs-lr=0.1');
      await mkdir(run, { recursive: true });
      for (const name of ['run.json', 'events.jsonl']) await writeFile(join(run, name), 'of a run');
      await writeReport(dir, { ...renderReproduction(data), figures: {} });
      expect(await readFile(join(run, 'run.json'), 'utf8')).toBe('of a run');
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('goes without a PNG that cannot be drawn, and says so', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'report-'));
    try {
      const warnings: string[] = [];
      const rendered = { ...renderReproduction(data), figures: { broken: '<svg' } };
      await writeReport(dir, rendered, { onWarning: (text) => warnings.push(text) });
      expect(await readdir(join(dir, 'figures'))).toEqual(['broken.svg']);
      expect(warnings).toEqual([expect.stringContaining(`${join(dir, 'figures', 'broken.png')} cannot be drawn: `)]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('writes the page, the Markdown, and every file that the Markdown links to', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'report-'));
    try {
      const rendered = renderReproduction(data);
      await writeFile(join(dir, 'index.html'), 'of before');
      expect(await writeReport(dir, rendered)).toBe(join(dir, 'index.html'));
      expect(await readFile(join(dir, 'index.html'), 'utf8')).toBe(rendered.html);
      const markdown = await readFile(join(dir, 'report.md'), 'utf8');
      const links = [...markdown.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path!);
      expect(links.length).toBeGreaterThanOrEqual(6);
      for (const link of links) expect((await readFile(join(dir, link))).length, link).toBeGreaterThan(0);
      const drawings = Object.keys(rendered.figures).flatMap((name) => [`${name}.png`, `${name}.svg`]);
      expect((await readdir(join(dir, 'figures'))).sort()).toEqual(drawings.sort());
      expect((await readdir(join(dir, 'tables'))).filter((name) => name.endsWith('.json'))).toHaveLength(8);
      expect(JSON.parse(await readFile(join(dir, 'runs', 'runs-lr=0.1', 'run.json'), 'utf8'))).toEqual(
        data.ran![0]!.record,
      );
      const rates = JSON.parse(await readFile(join(dir, 'tables', 'learning-rates.json'), 'utf8'));
      expect(rates[1]).toMatchObject({ learningRate: 0.01, testAccuracyReported: 0.906 });
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
