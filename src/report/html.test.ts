import { expect, it } from 'vitest';
import { html, raw } from './html.js';

it('escapes values, in text and in attributes', () => {
  expect(html`<a title="${'"><script>'}">${"<b> & 'c'"}</a>`.text).toBe(
    '<a title="&quot;&gt;&lt;script&gt;">&lt;b&gt; &amp; &#39;c&#39;</a>',
  );
});

it('takes HTML as it is, joins lists, and leaves out what is not there', () => {
  const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}${undefined}${false}${raw('<hr>')}${0}</ul>`.text).toBe(
    '<ul><li>a</li><li>&lt;</li><hr>0</ul>',
  );
});
