import { DOMParser } from 'linkedom';

/**
 * A document for Observable Plot to draw into, without a browser. As SVG, not HTML, so that what is taken out of it is
 * well-formed XML whatever the texts in it are.
 */
export function createDocument(): Document {
  const empty = '<svg xmlns="http://www.w3.org/2000/svg"></svg>';
  return new DOMParser().parseFromString(empty, 'image/svg+xml') as unknown as Document;
}
