import type { Page } from 'playwright-core';

/** What those miss who do not see the page, or go through it by keyboard. */
export const unsaid = (page: Page): Promise<string[]> => page.evaluate(problems);

/** Runs in the page, so that it knows nothing but what is in it. */
function problems(): string[] {
  const found: string[] = [];
  const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
  const isNamed = (element: Element): boolean => {
    const label = element.getAttribute('aria-labelledby');
    const text = label ? document.getElementById(label)?.textContent : element.getAttribute('aria-label');
    return Boolean(text?.trim() || element.querySelector('caption')?.textContent);
  };
  const expect = (holds: unknown, problem: string): void => {
    if (!holds) found.push(problem);
  };

  expect(document.documentElement.lang, 'the page has no language');
  expect(document.title, 'the page has no title');
  expect(all('h1').length === 1, `the page has ${all('h1').length} h1`);
  const levels = all('main :is(h1, h2, h3, h4, h5, h6)').map((heading) => Number(heading.localName[1]));
  for (const [i, level] of levels.entries()) {
    const before = levels[i - 1] ?? 1;
    expect(level <= before + 1, `a heading of level ${level} comes after one of level ${before}`);
  }
  for (const drawing of all('svg[role="img"]')) {
    const name = drawing.querySelector(':scope > title')?.textContent;
    expect(name, 'a drawing has no title');
    expect(drawing.querySelector(':scope > desc')?.textContent, `the drawing “${name}” has no description`);
  }
  expect(all('svg:not([role="img"], [aria-hidden="true"])').length === 0, 'a drawing has no role');
  for (const table of all('table')) expect(isNamed(table), 'a table has no caption');
  for (const region of all('[role="region"], nav')) expect(isNamed(region), 'a region has no name');
  for (const image of all('img')) expect(image.hasAttribute('alt'), 'an image has no text');
  for (const link of all('a[href^="#"]')) {
    const id = decodeURIComponent(link.getAttribute('href')!.slice(1));
    expect(document.getElementById(id), `the link “${link.textContent}” leads nowhere`);
  }
  const ids = all('[id]').map(({ id }) => id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) found.push(`the id ${id} is not unique`);
  for (const element of all('.scroll, .formula')) {
    expect(element.getAttribute('tabindex') === '0', 'what scrolls cannot be scrolled by keyboard');
  }
  return found;
}
