import { type Html, html, raw } from './html.js';

/** Nothing from elsewhere, no scripts: the page's own styles and pictures inside it only. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export interface Shell {
  readonly title: string;
  /** CSS. */
  readonly style: string;
  /** For the style. */
  readonly bodyClass?: string;
  readonly body: Html;
}

/** What is around every page: one file that needs no network and runs nothing. */
export const renderShell = ({ title, style, bodyClass, body }: Shell): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body${bodyClass !== undefined && html` class="${bodyClass}"`}>
${body}
</body>
</html>
`.text;
