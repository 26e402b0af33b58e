import { type PlotOptions, plot } from '@observablehq/plot';
import { createDocument } from '../document.js';
import type { FigureText } from './figure-text.js';

/** The ink is `currentColor`; the page, or `standalone`, gives the two others. */
export const accent = 'var(--accent, #b4421f)';
export const paper = 'var(--paper, #fff)';

/** A plot as the text of an SVG element, to be put into a page as it is. */
export function draw({ title, description }: FigureText, options: PlotOptions): string {
  const document = createDocument();
  const svg = plot({ className: 'drawing', ...options, document, ariaLabel: title });
  svg.setAttribute('role', 'img');
  // The page has these rules once, a file of its own gets them from `standalone`.
  svg.querySelector('style')?.remove();
  // Plot names its marks; but nothing inside of an image is read, and a group has no role that may have a name.
  for (const group of svg.querySelectorAll('g[aria-label]')) {
    group.setAttribute('data-mark', group.getAttribute('aria-label')!);
    group.removeAttribute('aria-label');
  }
  const element = (name: string, text: string) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', name);
    node.textContent = text;
    return node;
  };
  svg.prepend(element('title', title), element('desc', description));
  return round(dropControls(svg.outerHTML));
}

/** Geometry to a hundredth of a pixel: doubles in full are half of the file. */
const round = (svg: string) =>
  svg.replace(/<[a-z][^>]*>/g, (tag) =>
    tag.replace(/ (d|transform|x|y|x1|x2|y1|y2|width|height)="[^"]*"/g, (attribute) =>
      attribute.replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
    ),
  );

/** Characters that XML does not allow, in whatever form. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
const dropControls = (text: string) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');

/** The SVG element as a file of its own, with colours for light and dark. */
export function standalone(svg: string): string {
  const style = `<style>
svg { color: #211d19; background: var(--paper); --accent: #b4421f; --paper: #fff; font-family: system-ui, sans-serif; }
text, tspan { white-space: pre; }
@media (prefers-color-scheme: dark) { svg { color: #e8e4de; --accent: #f0916b; --paper: #171614; } }
</style>`;
  return `${svg.replace(/^<svg /, '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `>${style}`)}\n`;
}
