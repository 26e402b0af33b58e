import { style } from '../../../report/style.js';

/** The style of reports, and a grid of cards on it. */
export const pageStyle = `${style}
body.search { display: block; max-width: 88rem; padding-top: 2.5rem; }
.search h2 { font-size: 1.3rem; margin: 2rem 0 1.1rem; }
.search h2 span { color: var(--soft); font-weight: 400; }
.hits { list-style: none; margin: 0; padding: 0; display: grid; gap: 1.75rem 1.25rem;
  grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); }
.hits figure { margin: 0; }
.hits img, .absent { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; background: var(--wash);
  border-radius: 3px; }
.absent { border: 1px dashed var(--rule); padding: 1rem; overflow-wrap: anywhere; font: .85rem/1.45 var(--sans); color: var(--soft); }
.absent b { display: block; color: var(--ink); font-weight: 600; margin-bottom: .3rem; }
.hits figcaption { max-width: none; margin-top: .65rem; }
.hits .caption { font: 1.05rem/1.4 var(--serif); color: var(--ink); margin: 0 0 .45rem; overflow-wrap: anywhere; }
mark { --tint: color-mix(in srgb, var(--accent) 20%, var(--paper)); color: inherit; background: var(--tint); border-radius: 1px;
  box-shadow: 0 0 0 .08em var(--tint); box-decoration-break: clone; -webkit-box-decoration-break: clone; }
.hits dl { margin: 0; font-size: .8rem; line-height: 1.45; }
.hits dl > div { display: flex; gap: .5em; }
.hits dt { flex: none; }
.hits dt::after { content: ":"; }
.hits dd { overflow-wrap: anywhere; min-width: 0; }
@media (max-width: 36rem) {
  body.search { padding-top: 1.5rem; }
  .absent { aspect-ratio: auto; }
}
@media print {
  body.search { max-width: none; padding: 0; }
  .hits { grid-template-columns: repeat(4, 1fr); }
  .hits li { break-inside: avoid; }
  mark { background: none; box-shadow: none; text-decoration: underline; }
}
`;
