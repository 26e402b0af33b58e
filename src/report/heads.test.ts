import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { reproductionFixture } from '../../test/support/reproduction.js';
import type { HeadsPart } from './data.js';
import { examinedHeads } from './from-heads.js';
import { renderReproduction } from './reproduction.js';

const part = examinedHeads();
const render = (heads: HeadsPart | undefined) => renderReproduction({ ...reproductionFixture(), heads });
const documentOf = (heads: HeadsPart | undefined) => parseHTML(render(heads).html).document;

describe('examinedHeads', () => {
  it('finds the rank within its bound, and beyond it singular values of rounding alone', () => {
    for (const { rank, singularValues, parameters } of part.heads) {
      expect(rank).toBe(4);
      expect(singularValues).toHaveLength(16);
      expect(singularValues[3]).toBeGreaterThan(0.1);
      expect(singularValues[4]).toBeLessThan(1e-14);
      expect(parameters).toEqual({ factors: 128, free: 112 });
    }
  });

  it('finds softmax(XAXᵀ) to be what heads compute, with the scale and without', () => {
    for (const { differences, probabilities } of part.heads) {
      expect(Math.max(differences.plain, differences.scaled)).toBeLessThan(1e-13);
      for (const row of probabilities) expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    }
  });

  it('tells the head that is the same, and its B, from the one that is another', () => {
    const [same, other] = part.pairs;
    expect(same).toMatchObject({ same: true });
    expect(same!.probabilities).toBeLessThan(1e-12);
    expect(same!.link!.error).toBeLessThan(1e-12);
    expect(other).toMatchObject({ same: false });
    expect(other!.probabilities).toBeGreaterThan(0.1);
    expect(other!.link).toBeUndefined();
  });

  it('gives the command that prints the same', () => {
    expect(part.command).toBe(
      'legenda explain heads --length 12 --embedding 16 --dimension 4 --heads 2 --equivalent --seed 1',
    );
  });
});

describe('the page about heads', () => {
  it('stands between the first experiment and the third, with formulas that have words', () => {
    const document = documentOf(part);
    const ids = [...document.querySelectorAll('h2[id]')].map(({ id }) => id);
    expect(ids).toEqual(['experiment-1', 'experiment-2', 'experiment-3', 'how']);
    const formulas = [...document.querySelectorAll('.formula')];
    expect(formulas.length).toBeGreaterThan(6);
    for (const formula of formulas) expect(formula.getAttribute('aria-label')).toMatch(/^\w[^\\]{20,}$/);
    expect(documentOf(undefined).getElementById('experiment-2')).toBeNull();
  });

  it('has the numbers in tables, and both figures for both widths, under the command', () => {
    const { tables, figures } = render(part);
    expect(tables['heads']!.csv.split('\r\n').slice(0, 2)).toEqual([
      'head,rank,bound,plain,scaled,stored,free',
      expect.stringMatching(/^a head,4,4,[\d.e-]+,[\d.e-]+,128,112$/),
    ]);
    expect(JSON.parse(tables['head-pairs']!.json).map((row: { verdict: string }) => row.verdict)).toEqual([
      'the same',
      'not the same',
    ]);
    expect(Object.keys(figures)).toEqual(expect.arrayContaining(['singular-values', 'head-probabilities']));
    const document = documentOf(part);
    for (const id of ['singular-values', 'head-probabilities']) {
      const figure = document.getElementById(`figure-${id}`)!;
      expect(figure.querySelectorAll('svg')).toHaveLength(2);
      expect(figure.querySelector('.again code')?.textContent).toBe(part.command);
    }
    expect(figures['singular-values']!.match(/<circle|<path d="M[^"]*Z"/g)!.length).toBeGreaterThan(40);
    expect(document.body.textContent).toContain('No rank is above 4');
    expect(document.body.textContent).toContain('one pair is the same head');
  });

  it('says what the numbers say, not what is proved', () => {
    const heads = part.heads.map((head) => ({ ...head, rank: 5 }));
    const pairs = part.pairs.map((pair) => ({ ...pair, same: false, link: undefined }));
    const text = documentOf({ ...part, heads, pairs }).body.textContent!;
    expect(text).toContain('A rank is above 4');
    expect(text).toContain('0 pairs are the same head');
  });
});
