import type { Page } from 'playwright-core';

/** In pixels of the page, from its top left corner. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type Point = readonly [x: number, y: number];

/** Red, green and blue from 0 to 255, and the opacity from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number, opacity: number];

export interface MeasuredElement {
  /** For people: its tag, id and classes. */
  readonly name: string;
  /** Index of the parent; -1 for the body. */
  readonly parent: number;
  readonly box: Box;
  /** How much wider its content is than itself, but for what is set to bleed; where it clips, how much higher too. */
  readonly overflow: number;
  /** Meant to be scrolled. */
  readonly scrolls: boolean;
}

/** Text of one colour that is seen. */
export interface MeasuredText {
  readonly text: string;
  /** Of the element that it stands in. */
  readonly name: string;
  readonly fontSize: number;
  readonly bold: boolean;
  readonly colour: Colour;
  /** What is under it, from the bottom to the top. */
  readonly under: readonly Colour[];
  /** For texts of drawings: the corners of the line of text in order, slanted where it is. */
  readonly drawn?: { readonly drawing: number; readonly corners: readonly Point[] };
}

export interface MeasuredPage {
  readonly width: number;
  /** As far as the page can be scrolled to the right. */
  readonly scrollWidth: number;
  /** Elements of the page that are laid out as boxes; a drawing is one. */
  readonly elements: readonly MeasuredElement[];
  readonly drawings: readonly { readonly name: string; readonly box: Box }[];
  readonly texts: readonly MeasuredText[];
}

/** Where everything that is seen of a page stands, and in which colours. */
export const measurePage = (page: Page): Promise<MeasuredPage> => page.evaluate(measure);

/** Runs in the page, so that it knows nothing but what is in it. */
function measure(): MeasuredPage {
  const clear: Colour = [0, 0, 0, 0];

  const nameOf = (element: Element): string =>
    [element.localName, element.id && `#${element.id}`, ...[...element.classList].map((name) => `.${name}`)].join('');

  const boxOf = (element: Element): Box => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left: left + scrollX, top: top + scrollY, right: right + scrollX, bottom: bottom + scrollY };
  };

  const colourOf = (text: string, opacity: string | number = 1): Colour => {
    const [red, green, blue, own = 1] = (text.match(/^rgba?\((.*)\)$/)?.[1] ?? '').split(/[ ,/]+/).map(Number);
    if (red === undefined || green === undefined || blue === undefined) return clear;
    return [red, green, blue, own * Number(opacity)];
  };

  /** What an element is seen through and against, its parents' share included. */
  interface Setting {
    readonly opacity: number;
    readonly backgrounds: readonly Colour[];
  }
  const settings = new Map<Element, Setting>();
  const settingOf = (element: Element): Setting => {
    const known = settings.get(element);
    if (known) return known;
    const { opacity, backgroundColor } = getComputedStyle(element);
    const background = colourOf(backgroundColor);
    const around = element.parentElement ? settingOf(element.parentElement) : { opacity: 1, backgrounds: [] };
    const setting = {
      opacity: around.opacity * Number(opacity),
      backgrounds: background[3] > 0 ? [...around.backgrounds, background] : around.backgrounds,
    };
    settings.set(element, setting);
    return setting;
  };

  const visible = (element: Element): boolean => element.checkVisibility({ visibilityProperty: true });

  const bleeds = [...document.querySelectorAll('.scroll')].map((region) => {
    const margin = Number.parseFloat(getComputedStyle(region).marginRight);
    return { region, by: -margin };
  });

  const elements: MeasuredElement[] = [];
  const collect = (element: Element, parent: number): void => {
    const { display, overflowX, overflowY } = getComputedStyle(element);
    if (display === 'none' || !visible(element)) return;
    const isBox = element instanceof HTMLElement ? display !== 'inline' : element.localName === 'svg';
    const clips = overflowX !== 'visible' || overflowY !== 'visible';
    const bleed = bleeds.reduce((most, { region, by }) => (element.contains(region) ? Math.max(most, by) : most), 0);
    const wider = element.scrollWidth - element.clientWidth - bleed;
    const higher = clips ? element.scrollHeight - element.clientHeight : 0;
    if (isBox) {
      elements.push({
        name: nameOf(element),
        parent,
        box: boxOf(element),
        overflow: element instanceof HTMLElement ? Math.max(wider, higher) : 0,
        scrolls: element.matches('.scroll, .formula, nav') && (overflowX === 'auto' || overflowY === 'auto'),
      });
    }
    if (!(element instanceof HTMLElement)) return;
    const own = isBox ? elements.length - 1 : parent;
    for (const child of element.children) collect(child, own);
  };
  collect(document.body, -1);

  const svgs = [...document.querySelectorAll('svg')].filter(visible);

  const rectanglesOf = (svg: Element) =>
    [...svg.querySelectorAll('rect')].map((rect) => {
      const { fill, fillOpacity } = getComputedStyle(rect);
      return { rect, box: boxOf(rect), colour: colourOf(fill, Number(fillOpacity) * settingOf(rect).opacity) };
    });

  const drawnText = (
    text: SVGTextElement,
    svg: SVGSVGElement,
    drawing: number,
    rectangles: ReturnType<typeof rectanglesOf>,
  ): MeasuredText => {
    const { x, y, width, height } = text.getBBox();
    const toScreen = text.getScreenCTM()!;
    const corners = [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
    ].map(([x, y]): Point => {
      const point = new DOMPoint(x, y).matrixTransform(toScreen);
      return [point.x + scrollX, point.y + scrollY];
    });
    const [middleX, middleY] = [0, 1].map((i) => corners.reduce((sum, corner) => sum + corner[i]! / 4, 0));
    const under = rectangles.filter(({ rect, box: { left, right, top, bottom } }) => {
      const isBefore = rect.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
      return isBefore && left <= middleX! && middleX! <= right && top <= middleY! && middleY! <= bottom;
    });
    const { fill, fillOpacity, fontSize, fontWeight } = getComputedStyle(text);
    return {
      text: text.textContent ?? '',
      name: nameOf(svg.closest('figure') ?? svg),
      fontSize: Number.parseFloat(fontSize) * Math.hypot(toScreen.a, toScreen.b),
      bold: Number(fontWeight) >= 600,
      colour: colourOf(fill, Number(fillOpacity) * settingOf(text).opacity),
      under: [...settingOf(svg).backgrounds, ...under.map(({ colour }) => colour)],
      drawn: { drawing, corners },
    };
  };

  const texts = svgs.flatMap((svg, i) => {
    const rectangles = rectanglesOf(svg);
    return [...svg.querySelectorAll('text')]
      .filter((text) => visible(text) && text.textContent !== '')
      .map((text) => drawnText(text, svg, i, rectangles));
  });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement!;
    const text = walker.currentNode.textContent!.trim();
    if (text === '' || element.closest('svg, style') || !visible(element)) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    texts.push({
      text,
      name: nameOf(element),
      fontSize: Number.parseFloat(fontSize),
      bold: Number(fontWeight) >= 600,
      colour: colourOf(color, settingOf(element).opacity),
      under: settingOf(element).backgrounds,
    });
  }

  return {
    width: innerWidth,
    scrollWidth: document.scrollingElement!.scrollWidth,
    elements,
    drawings: svgs.map((svg) => ({ name: nameOf(svg.closest('figure') ?? svg), box: boxOf(svg) })),
    texts,
  };
}
