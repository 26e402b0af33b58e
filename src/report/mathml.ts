import temml from 'temml';
import { type Html, html, raw } from './html.js';

/**
 * A formula in LaTeX as a MathML element, within a line, or on one of its own when there are words for it.
 * @param text how it is read aloud
 * @throws ParseError of temml when it is not LaTeX
 */
export function mathml(tex: string, text?: string): Html {
  const element = temml.renderToString(tex, { displayMode: text !== undefined, throwOnError: true });
  return text === undefined ? raw(element) : raw(element.replace('<math', `<math${html` alttext="${text}"`.text}`));
}
