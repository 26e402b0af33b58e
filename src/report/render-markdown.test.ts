import { expect, it } from 'vitest';
import { code, paragraph, strong } from './blocks.js';
import { renderMarkdown } from './render-markdown.js';

const body = (...content: Parameters<typeof paragraph>) => renderMarkdown('T', [paragraph(...content)]).slice(5, -1);

it('keeps text from being read as markup', () => {
  expect(body('<b> *a* _b_ [c](d) a|b `e` \\')).toBe('\\<b\\> \\*a\\* \\_b\\_ \\[c\\](d) a\\|b \\`e\\` \\\\');
  expect(body('1. no list')).toBe('1\\. no list');
  expect(body('- no list')).toBe('\\- no list');
  expect(body('two\n\n# lines')).toBe('two \\# lines');
});

it('leaves numbers as they are', () => {
  expect(body('0.01 is +0.0012 off')).toBe('0.01 is +0.0012 off');
});

it('fences code by more backticks than it has', () => {
  expect(body(code('a `b`'), ' ', strong('c'))).toBe('`` a `b` `` **c**');
});

it('writes tables with groups, the marked row and the sum in bold, and only links folded ones', () => {
  const columns = [
    { key: 'name', title: 'Name', code: true },
    { key: 'here', title: 'here', group: 'Loss', format: String },
  ];
  const table = { block: 'table', id: 't', caption: ['Losses.'], columns, rows: [{ name: 'a|b', here: 1 }] } as const;
  expect(renderMarkdown('T', [{ ...table, marked: 0, total: { here: 2 } }])).toBe(
    '# T\n\n**Table 1.** Losses.\n\n| Name | Loss: here |\n| --- | ---: |\n| **`a\\|b`** | **1** |\n|  | **2** |\n',
  );
  expect(renderMarkdown('T', [{ ...table, folded: 'All' }])).toBe(
    '# T\n\n**Table 1.** Losses. [tables/t.csv](tables/t.csv)\n',
  );
});
