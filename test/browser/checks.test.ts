import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium, withoutChromium } from '../support/chromium.js';
import { cutOff, overlaps } from './layout.js';
import { contrastOf, faint, tiny } from './legible.js';
import { listen } from './listen.js';
import { type MeasuredPage, measurePage } from './measure.js';
import { unsaid } from './outline.js';

it('measures contrast as WCAG does', () => {
  const white = [255, 255, 255, 1] as const;
  expect(contrastOf({ colour: [0, 0, 0, 1], under: [white] })).toBeCloseTo(21);
  expect(contrastOf({ colour: [118, 118, 118, 1], under: [[0, 0, 0, 1], white] })).toBeCloseTo(4.54, 2);
  expect(contrastOf({ colour: [0, 0, 0, 0.5], under: [white] })).toBeCloseTo(3.98, 1);
  expect(contrastOf({ colour: [0, 0, 0, 1], under: [white, [0, 0, 0, 0.5]] })).toBeCloseTo(5.28, 1);
});

describe.skipIf(chromiumPath === undefined)(`what is wrong with a page is found${withoutChromium}`, () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath!);
    page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  }, 60_000);

  afterAll(() => browser?.close());

  const measured = async (body: string): Promise<MeasuredPage> => {
    await page.setContent(`<!doctype html><body style="margin: 0; font: 16px/1.5 sans-serif">${body}`);
    return measurePage(page);
  };

  const drawing = (content: string) =>
    `<figure id="f" style="margin: 0"><svg viewBox="0 0 200 100" width="200" height="100">${content}</svg></figure>`;

  it('finds nothing where nothing is wrong', async () => {
    const whole = await measured(
      `<main style="padding: 0 10px"><p>A text that is longer than a line of the window, so that it is broken into lines</p>
      <div class="scroll" style="overflow-x: auto; margin: 0 -5px"><div style="width: 500px">wide</div></div>
      ${drawing('<text x="5" y="20">one</text><text x="5" y="36">two</text><text x="60" y="36">three</text>')}</main>`,
    );
    expect([...cutOff(whole), ...overlaps(whole), ...faint(whole), ...tiny(whole)]).toEqual([]);
  });

  it.each([
    ['<p style="width: 500px">wide</p>', ['the page is 500 px wide in a window of 390 px']],
    ['<p style="width: 100px; white-space: nowrap">more than a hundred pixels</p>', ['p is exceeded by its content']],
    [
      '<p style="width: 100px; overflow: hidden; white-space: nowrap">more than a hundred pixels</p>',
      ['p is exceeded'],
    ],
    ['<p style="height: 10px; overflow: auto">cut below</p>', ['p is exceeded by its content by 14 px']],
    [drawing('<text x="180" y="20">beyond</text>'), ['figure#f: “beyond” leaves the drawing']],
    [drawing('<text x="20" y="5">above</text>'), ['figure#f: “above” leaves the drawing']],
  ])('what is cut: %s', async (body, expected) => {
    const found = cutOff(await measured(`<section>${body}</section>`));
    for (const problem of expected) expect(found).toContainEqual(expect.stringContaining(problem));
  });

  it.each([
    ['<p>one</p><p style="margin-top: -2em">two</p>', 'p and p overlap'],
    ['<nav style="position: fixed; top: 0">fixed</nav><main>text</main>', 'nav and main overlap'],
    [drawing('<text x="5" y="20">one</text><text x="20" y="26">two</text>'), 'figure#f: “one” and “two” overlap'],
    [
      drawing('<text transform="translate(20 50) rotate(-40)">slanted</text><text x="40" y="40">level</text>'),
      'figure#f: “slanted” and “level” overlap',
    ],
  ])('what overlaps: %s', async (body, expected) => {
    expect(overlaps(await measured(body))).toContain(expected);
  });

  it('lets slanted texts stand side by side though the boxes around them meet', async () => {
    const slanted = [20, 50].map((x) => `<text transform="translate(${x} 80) rotate(-40)">slanted</text>`);
    expect(overlaps(await measured(drawing(slanted.join(''))))).toEqual([]);
  });

  it.each([
    ['<p style="color: #fff">white</p>', 'p: “white” has a contrast of 1.00'],
    ['<p style="background: #000; color: #333">dark</p>', 'p: “dark” has a contrast of 1.66'],
    ['<p style="opacity: .3">pale</p>', 'p: “pale” has a contrast of 2.11'],
    [drawing('<rect width="90" height="90"/><text x="9" y="20">ink</text>'), 'figure#f: “ink” has a contrast of 1.00'],
  ])('what is faint: %s', async (body, expected) => {
    expect(faint(await measured(body))).toContain(expected);
  });

  it('what is tiny, in a drawing that was made smaller too', async () => {
    const small = drawing('<text x="5" y="20" font-size="14">small</text>').replace('width="200"', 'width="100"');
    expect(tiny(await measured(small))).toEqual(['figure#f: “small” is 7.0 px high']);
  });

  it('what is left unsaid', async () => {
    await page.setContent(`<body><nav><a href="#nowhere">away</a></nav>
      <main><h1>1</h1><h3 id="a">3</h3><table></table><img src="data:,"><p id="a"></p><div class="scroll"></div>
      <svg role="img"><title>A picture</title></svg><svg></svg></main>`);
    expect(await unsaid(page)).toEqual([
      'the page has no language',
      'the page has no title',
      'a heading of level 3 comes after one of level 1',
      'the drawing “A picture” has no description',
      'a drawing has no role',
      'a table has no caption',
      'a region has no name',
      'an image has no text',
      'the link “away” leads nowhere',
      'the id a is not unique',
      'what scrolls cannot be scrolled by keyboard',
    ]);
  });

  it('what it asks for, and what its policy and its scripts complain of', async () => {
    const own = await browser.newPage();
    const heard = listen(own);
    await own.setContent('<img src="http://localhost:9/a.png"><script>throw new Error("broken")</script>');
    await own.setContent(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><script>let never</script>`,
    );
    await expect.poll(() => heard.length).toBeGreaterThan(2);
    expect(heard).toEqual(
      expect.arrayContaining([
        'asks for http://localhost:9/a.png',
        'error: broken',
        expect.stringContaining('Content Security Policy'),
      ]),
    );
  });
});
