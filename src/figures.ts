/**
 * The report's figures: each a function from data to the text of an SVG element, in Node and in browsers.
 * @packageDocumentation
 */
export { type Curves, curves, type Series } from './report/figures/curves.js';
export type { FigureText } from './report/figures/figure-text.js';
export { type FilterGrid, filterGrid } from './report/figures/filters.js';
export { type HeatMaps, heatMaps } from './report/figures/heat-maps.js';
export { type SingularValues, singularValueFigure } from './report/figures/singular-values.js';
