import { DOMParser } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { explanationFixture } from '../../../test/support/explanation.js';
import { reproductionFixture } from '../../../test/support/reproduction.js';
import { renderReproduction } from '../reproduction.js';

const usual = reproductionFixture();
const explained = explanationFixture();
const report = renderReproduction({ ...usual, classifier: { ...usual.classifier, explained } });
const page = new DOMParser().parseFromString(report.html, 'text/html') as unknown as Document;

const tableOf = (id: string) => JSON.parse(report.tables[id]!.json);
const captionOf = (id: string) => page.querySelector(`#figure-${id} figcaption`)?.textContent;

describe('the explanation of a classifier', () => {
  it('says which layers follow shifts, each once: a ReLU behind a convolution says nothing new', () => {
    expect(tableOf('equivariance').map((row: { layer: string; follows: string }) => [row.layer, row.follows])).toEqual([
      ['conv1', 'at all shifts'],
      ['pool1', 'at those only'],
      ['conv2', 'at all shifts'],
    ]);
    expect(page.querySelector('#figure-equivariance-error desc')?.textContent).toBe(
      'conv1: none, pool1: up to 0.92 and conv2: none',
    );
    expect(page.querySelector('main math')).not.toBeNull();
  });

  it('compares what shifts cost with and without convolutions', () => {
    const rows = tableOf('accuracy-by-distance');
    expect(rows).toHaveLength(4);
    expect(rows[0]).toEqual({ pixels: 0, network0: 0.9, network1: 0.9 });
    expect(rows[3].network1).toBeLessThan(rows[3].network0);
    expect(captionOf('accuracy-by-shift')).toContain('legenda explain equivariance runs/lr=0.01 runs/fashion-mlp');
    expect(report.figures['accuracy-by-shift']).toContain('linear layers alone');
  });

  it('shows filters, maps and what excites channels, with the command under each', () => {
    expect(captionOf('filters-all-conv2')).toContain('the first 64 filters and 16 channels');
    expect(page.querySelector('#figure-filters-all-conv1')).toBeNull();
    expect(captionOf('activations-conv1')).toContain('legenda explain activations runs/lr=0.01');
    const rows = page.querySelectorAll('#figure-exciting-conv1 .wide image');
    expect(rows).toHaveLength(8 * 7 - 1);
    expect(page.querySelectorAll('#figure-exciting-conv1 .wide rect')).toHaveLength(7 * 6);
    expect(page.querySelectorAll('#figure-exciting-conv1 .narrow image')).toHaveLength(8 * 4 - 1);
  });

  it('says of training what it did to filters, by the interval of the change', () => {
    expect(tableOf('orientation').map((row: { verdict: string }) => row.verdict)).toEqual([
      'more selective',
      'no different',
    ]);
  });

  it('says how class selectivity rises', () => {
    expect(page.querySelector('#figure-selectivity desc')?.textContent).toMatch(
      /^relu1: mean 0\.\d\d, relu2: .* and relu3/,
    );
    expect(page.querySelector('main')?.textContent).toContain('bottom layers hold what all classes share');
  });

  it('shows what answers rest on, and how far integrated gradients are off', () => {
    expect(captionOf('decisions')).toContain('Coat, taken for Shirt (probability 0.97)');
    expect(tableOf('integrated-gradients')[0]).toMatchObject({
      image: 'Ankle boot',
      difference: 7.3,
      sum: 7.28,
      pieces: 80,
    });
    expect(report.markdown).toContain('0.27 %');
  });

  it('names every figure, and says it in words', () => {
    for (const svg of page.querySelectorAll('svg[role=img]')) {
      expect(svg.querySelector('title')?.textContent).toBeTruthy();
      expect(svg.querySelector('desc')?.textContent).toBeTruthy();
    }
  });

  it('is left out where there is none, and filters then have a heading of their own', () => {
    const without = renderReproduction(usual).html;
    expect(without).toContain('What the filters look like');
    expect(without).not.toContain('What the layers see');
    expect(report.html).not.toContain('What the filters look like');
  });
});

describe('the explanation of a network without convolutions', () => {
  const part = explanationFixture();
  const shifts = part.beside!.shifts;
  const plain = { ...part.explanation, filters: [], activations: [], shifts };
  const layers = plain.layers.map((layer) => ({ ...layer, shown: [] }));
  const [first, ...others] = plain.decisions;
  const decisions = [{ ...first!, said: 'Bag', asked: true }, ...others];
  const linear = { dir: 'runs/mlp', explanation: { ...plain, layers, decisions } };
  const data = { ...usual, classifier: { ...usual.classifier, explained: linear } };
  const text = renderReproduction(data).markdown;

  it('says nothing of convolutions, nor of pictures that are not there', () => {
    for (const absent of ['Why convolutions', 'with convolutions', 'behind the convolutions', 'A channel can be asked'])
      expect(text).not.toContain(absent);
    expect(text).toContain('What shifts cost');
    expect(text).toContain('without convolutions');
    expect(text).not.toContain("--of ''");
  });

  it('does not say that an image was taken for a class that was only asked for', () => {
    expect(text).toContain('Ankle boot, as Bag');
    expect(text).not.toContain('taken for Bag');
  });
});
