import { parseHTML } from 'linkedom';
import { expect, it } from 'vitest';
import { formula, math, paragraph } from './blocks.js';
import { mathml } from './mathml.js';
import { renderPage } from './page.js';
import { renderMarkdown } from './render-markdown.js';

const page = (...blocks: Parameters<typeof renderPage>[0]['blocks']) =>
  parseHTML(renderPage({ title: 'T', subtitle: '', footer: '', blocks })).document;

it('sets a formula in a line, and one on a line of its own with the words for it', () => {
  const document = page(
    paragraph('with ', math('d \\le n'), '.'),
    formula('A = W_Q W_K^{\\mathsf T}', 'A is "W Q" & so on'),
  );
  expect(document.querySelector('p math')?.getAttribute('display')).toBeNull();
  expect(document.querySelector('p math')?.textContent).toBe('d≤n');
  expect(document.querySelector('p math')?.closest('p')?.innerHTML).toMatch(
    /^with <span class="math"><math>.*<\/math>\.<\/span>$/,
  );
  const block = document.querySelector('.formula')!;
  expect(block.getAttribute('aria-label')).toBe('A is "W Q" & so on');
  expect(block.querySelector('math')?.getAttribute('display')).toBe('block');
  expect(block.querySelector('math')?.getAttribute('alttext')).toBe('A is "W Q" & so on');
});

it('is dollars in Markdown', () => {
  expect(renderMarkdown('T', [paragraph('with ', math('d_k'), '.'), formula('a_b = 1', 'a b is one')])).toBe(
    '# T\n\nwith $d_k$.\n\n$$\na_b = 1\n$$\n',
  );
});

it('does not let text out of its element, and refuses what is not LaTeX', () => {
  expect(mathml('\\text{<script>}').text).not.toContain('<script');
  expect(() => mathml('\\frac{1}')).toThrow();
});
