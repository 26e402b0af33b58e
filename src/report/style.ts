/** The page's style: one accent colour, light and dark, screen, phone and paper. Fonts are those of the reader's system. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fcfbf8; --ink: #221e1a; --soft: #6a625a; --rule: #dcd6cc; --wash: #f3efe7; --accent: #b4421f;
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Iowan Old Style", "Palatino Linotype", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #171614; --ink: #e6e1d9; --soft: #a49b90; --rule: #3a3632; --wash: #211f1c; --accent: #f0916b; }
}
*, ::before, ::after { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 48rem; padding: 2.5rem 1.25rem 5rem; font: 1.0625rem/1.6 var(--serif);
  font-kerning: normal; font-variant-numeric: oldstyle-nums; text-wrap: pretty; hanging-punctuation: first;
  overflow-wrap: break-word; }
a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible, .formula:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
p { margin: 0 0 1em; }
code { font: .86em/1.4 var(--mono); background: var(--wash); padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere; }
code span { white-space: nowrap; }
td code, th code { background: none; padding: 0; overflow-wrap: normal; }
h1, h2, h3 { line-height: 1.18; text-wrap: balance; font-weight: 600; letter-spacing: -.012em; }
h1 { font-size: clamp(1.9rem, 1.4rem + 2.4vw, 2.75rem); margin: .1em 0 .35em; }
h2 { font-size: 1.65rem; margin: 2.6em 0 .7em; padding-top: .7em; border-top: 1px solid var(--rule); }
h3 { font-size: 1.2rem; margin: 2.4em 0 .6em; }
h2 + h3 { margin-top: 1.2em; }
.kicker { font: 600 .8rem/1 var(--sans); letter-spacing: .14em; text-transform: uppercase; color: var(--accent); margin: 0; }
.subtitle, .source { font: .88rem/1.5 var(--sans); color: var(--soft); font-variant-numeric: lining-nums; }
.lead { font-size: 1.2rem; line-height: 1.5; }
.callout { border-left: 4px solid var(--accent); background: var(--wash); padding: .9rem 1.1rem; margin: 1.4rem 0;
  border-radius: 0 4px 4px 0; }
.callout p { margin: 0; }
.callout code { padding: 0; }
.callout strong { color: var(--accent); }

dl { margin: 1.6rem 0; }
dd { margin: 0; }
dl.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1px; background: var(--rule);
  border: solid var(--rule); border-width: 1px 0; }
dl.tiles > div { background: var(--paper); padding: .9rem .5rem .8rem; }
dl.tiles dt { font: .8rem/1.3 var(--sans); color: var(--soft); }
dl.tiles dd { font-size: 1.6rem; line-height: 1.25; font-variant-numeric: lining-nums tabular-nums; }
dl.tiles .note { display: block; font: .8rem/1.4 var(--sans); color: var(--soft); }
dl.tiles > div:first-child dd { color: var(--accent); font-weight: 600; }
dl.tiles > div:first-child .note { font-weight: 400; }
dl.rows { font: .9rem/1.5 var(--sans); font-variant-numeric: lining-nums; }
dl.rows > div { display: grid; grid-template-columns: minmax(6.5rem, 11rem) 1fr; gap: 0 1rem; padding: .35rem 0;
  border-bottom: 1px solid var(--rule); }
dl.rows dt { color: var(--soft); }
dl.rows dd { overflow-wrap: anywhere; }
dl.rows code { font-size: .8em; background: none; padding: 0; }

nav { font: .9rem/1.45 var(--sans); margin: 2rem 0 0; }
nav h2 { all: unset; display: block; font: 600 .8rem/1 var(--sans); color: var(--soft); margin-bottom: .7rem; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav ol ol { padding-left: 1rem; }
nav a { display: block; padding: .2rem 0; text-decoration: none; }
nav ol ol a { color: var(--soft); }
nav a:hover { color: var(--accent); }

math { font-family: math, "STIX Two Math", "Latin Modern Math", "Cambria Math", "DejaVu Math TeX Gyre", serif; font-variant-numeric: lining-nums; }
.math { white-space: nowrap; }
mtd.tml-right { text-align: right; text-align: -webkit-right; }
mtd.tml-left { text-align: left; text-align: -webkit-left; }
math.tml-display { display: block; width: max-content; min-width: 100%; }

figure { margin: 2rem 0; }
figcaption { font: .88rem/1.5 var(--sans); color: var(--soft); font-variant-numeric: lining-nums; max-width: 42rem; }
figcaption b { color: var(--ink); font-weight: 600; }
.again { display: block; font-size: .8rem; }
.again code { background: none; padding: 0; }
figure.table figcaption { margin-bottom: .6rem; }
figure.drawing figcaption { margin-top: .9rem; }
svg { display: block; max-width: 100%; height: auto; font-family: var(--sans); color: var(--ink); }
svg text, svg tspan { white-space: pre; }
.narrow { display: none; }

/* A shade at the edge where there is more to scroll to, covered by paper that scrolls along where there is not. */
.scroll { overflow-x: auto; margin: 0 -1.25rem; padding: 0 1.25rem; }
.formula { overflow: auto hidden; margin: 0 0 1em; padding: .2rem 0; font-size: 1.1em; }
.scroll, .formula { background:
  linear-gradient(to right, var(--paper) 40%, transparent) left / 2.5rem 100% no-repeat local,
  linear-gradient(to left, var(--paper) 40%, transparent) right / 2.5rem 100% no-repeat local,
  linear-gradient(to right, var(--rule), transparent) left / .8rem 100% no-repeat,
  linear-gradient(to left, var(--rule), transparent) right / .8rem 100% no-repeat; }
table { border-collapse: collapse; width: 100%; font: .88rem/1.4 var(--sans); font-variant-numeric: lining-nums tabular-nums;
  border: solid var(--ink); border-width: 1.5px 0; }
th, td { padding: .38rem .55rem; text-align: left; vertical-align: baseline; white-space: nowrap; font-weight: 400; }
th:first-child, td:first-child { padding-left: .2rem; }
td:last-child, th:last-child { padding-right: .2rem; }
thead th { color: var(--soft); font-size: .95em; vertical-align: bottom; }
thead tr:last-child th { border-bottom: 1px solid var(--ink); }
thead th[rowspan] { border-bottom: 1px solid var(--ink); }
th.group { text-align: center; padding-bottom: 0; color: var(--ink); }
th.group span { display: block; border-bottom: 1px solid var(--rule); padding-bottom: .3rem; }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
.dense { font-size: .82rem; }
.dense :is(th, td) { padding-inline: .38rem; }
.number { text-align: right; }
.long { white-space: normal; min-width: 9rem; overflow-wrap: anywhere; }
.marked > * { font-weight: 650; }
.marked > th:first-child { color: var(--accent); }
tfoot > tr > * { border-top: 1px solid var(--ink); font-weight: 650; }
details { margin: 1.6rem 0; }
summary { font: .9rem/1.5 var(--sans); cursor: pointer; color: var(--soft); }
summary::marker { color: var(--accent); }
details figure { margin-top: 1rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--rule); font: .85rem/1.5 var(--sans); color: var(--soft); }

@media screen and (min-width: 76rem) {
  body { max-width: 70rem; display: grid; grid-template-columns: 15rem minmax(0, 46rem); column-gap: 4rem; align-content: start;
    grid-template-areas: "nav header" "nav main"; padding-top: 4rem; }
  header { grid-area: header; }
  main { grid-area: main; }
  nav { grid-area: nav; position: sticky; top: 4rem; align-self: start; max-height: calc(100vh - 6rem); overflow-y: auto; margin: 0; }
}
@media (max-width: 36rem) {
  body { padding-top: 1.5rem; }
  .wide { display: none; }
  .narrow { display: block; }
  h2 { margin-top: 2em; }
  .scroll { padding: 0; }
  .scroll tr > th:first-child { padding-left: 1.25rem; }
  .scroll tr > :last-child { padding-right: 1.25rem; }
  .scroll :is(tbody, tfoot) th { position: sticky; left: 0; background: var(--paper); }
  .scroll th.long { min-width: 8rem; max-width: 45vw; }
  dl.rows > div { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); }
}
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --rule: #bbb; --wash: #f4f4f4; --accent: #a03a1a; color-scheme: light; }
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3, summary, figure.table figcaption { break-after: avoid; }
  figure, tr, .callout, dl.tiles { break-inside: avoid; }
  .formula { overflow: visible; background: none; }
  svg { max-height: 25.5cm; }
  summary { list-style: none; }
  details figure { break-inside: auto; }
  .scroll { overflow: visible; margin: 0; padding: 0; background: none; }
  table { font-size: 8pt; }
  .long { min-width: 3.5rem; }
  td.long code, th.long code { overflow-wrap: anywhere; }
  th, td { padding: .25rem .35rem; }
  .dense { font-size: 7pt; }
  .dense :is(th, td) { padding-inline: .2rem; }
  .dense :is(th, td):not(.number) { white-space: normal; }
  details::details-content { content-visibility: visible; }
  a { text-decoration: none; }
}
`;
