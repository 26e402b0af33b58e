import { DOMParser } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { captionersFixture } from '../../test/support/captioners.js';
import { explanationFixture } from '../../test/support/explanation.js';
import { reproductionFixture } from '../../test/support/reproduction.js';
import { renderComparison } from './reproduction.js';
import { separate } from './separate.js';

const usual = reproductionFixture();
const network = usual.networks.filter(({ name }) => name === 'fashion-cnn');
const classifier = { ...usual.classifier, explained: explanationFixture() };
const group = { dataset: usual.dataset, networks: network, classifier };

const report = renderComparison({
  ...usual,
  command: 'legenda report a b',
  classifiers: [group, { ...group, classifier: { ...classifier, recipe: 'fashion-mlp' } }],
  captioners: [captionersFixture(), captionersFixture()],
});
const page = new DOMParser().parseFromString(report.html, 'text/html') as unknown as Document;

describe('runs of several recipes on one page', () => {
  it('stand in one table each, classifiers with the noise of their images, captioners with intervals', () => {
    const rows = JSON.parse(report.tables['compared-classifiers']!.json);
    expect(rows).toHaveLength(6);
    expect(rows[1]).toMatchObject({ run: 'runs/lr=0.01', recipe: 'fashion-cnn', parameters: 769_930, epochs: 15 });
    const { test, noise } = rows[1];
    expect(noise).toBeCloseTo(1.959964 * Math.sqrt((test * (1 - test)) / 10_000), 9);
    const captioners = JSON.parse(report.tables['compared-captioners']!.json);
    expect(captioners).toHaveLength(4);
    expect(captioners[0].interval).toMatch(/^0\.\d{4} to 0\.\d{4}$/);
  });

  it('have a chapter for each recipe and set of captions', () => {
    const chapters = [...page.querySelectorAll('main h2')].map((heading) => heading.id);
    expect(chapters).toEqual([
      ...[
        'compared',
        'fashion-cnn-chapter',
        'fashion-mlp-chapter',
        'captions-1-experiment-4',
        'captions-2-experiment-4',
      ],
      'how',
    ]);
    expect(Object.keys(report.figures)).toEqual(
      expect.arrayContaining(['fashion-cnn-confusion', 'fashion-mlp-confusion', 'captions-2-sample-1']),
    );
  });

  it('have no id twice, and every drawing finds what it uses', () => {
    const ids = [...page.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const use of page.querySelectorAll('use')) expect(ids).toContain(use.getAttribute('href')!.slice(1));
  });
});

it('only ids of tags are told apart, not texts that look like them', () => {
  const wide = '<svg><defs><g id="a"/></defs><use href="#a"/><text>id="a" href="#a"</text><rect fill="url(#a)"/></svg>';
  const [figure] = separate('x', [{ block: 'figure', id: 'f', title: 't', caption: [], wide }]);
  expect(figure).toMatchObject({
    id: 'x-f',
    wide: '<svg><defs><g id="x-a"/></defs><use href="#x-a"/><text>id="a" href="#a"</text><rect fill="url(#x-a)"/></svg>',
  });
});
