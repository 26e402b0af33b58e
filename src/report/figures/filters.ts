import { rect } from '@observablehq/plot';
import { draw } from './draw.js';
import type { FigureText } from './figure-text.js';

export interface FilterGrid extends FigureText {
  /** Kernels of [height][width] weights. */
  readonly kernels: readonly (readonly (readonly number[])[])[];
  /** Kernels in a row. */
  readonly columns?: number;
  /** Width of the drawing in pixels. */
  readonly width?: number;
}

interface Box {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
}

/**
 * Kernels as pictures in a grid. Each is scaled by itself: its smallest weight is black, its largest white; one whose
 * weights are all equal is mid-grey, and a weight that is not finite is left empty.
 */
export function filterGrid({ kernels, columns = 8, width = 720, ...text }: FilterGrid): string {
  // Half a pixel is left around for the frames.
  const pitch = (width - 1) / (columns - 0.14);
  const size = pitch * 0.86;
  const frames: (Box & { title: string })[] = [];
  const pixels: (Box & { fill: string })[] = [];
  let height = 0;
  for (const [index, kernel] of kernels.entries()) {
    const left = (index % columns) * pitch + 0.5;
    const top = Math.floor(index / columns) * pitch + 0.5;
    const side = size / Math.max(kernel.length, ...kernel.map((row) => row.length), 1);
    const { low, high } = rangeOf(kernel);
    for (const [y, row] of kernel.entries()) {
      for (const [x, weight] of row.entries()) {
        if (!Number.isFinite(weight)) continue;
        const grey = Math.round(255 * (high > low ? (weight - low) / (high - low) : 0.5));
        const box = { x1: left + x * side, x2: left + (x + 1) * side, y1: top + y * side, y2: top + (y + 1) * side };
        pixels.push({ ...box, fill: `rgb(${grey},${grey},${grey})` });
      }
    }
    const title = `kernel ${index + 1}: weights from ${low.toFixed(3)} to ${high.toFixed(3)}`;
    frames.push({ x1: left, x2: left + size, y1: top, y2: top + size, title });
    height = top + size + 0.5;
  }
  const box = { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2' } as const;
  return draw(text, {
    width,
    height: Math.max(height, 1),
    margin: 0,
    axis: null,
    x: { type: 'identity' },
    y: { type: 'identity' },
    marks: [
      rect(pixels, { ...box, fill: 'fill', shapeRendering: 'crispEdges' }),
      rect(frames, { ...box, fill: 'transparent', stroke: 'currentColor', strokeOpacity: 0.35, title: 'title' }),
    ],
  });
}

/** The smallest and largest finite weight; NaN where there is none. */
function rangeOf(kernel: readonly (readonly number[])[]): { low: number; high: number } {
  const weights = kernel.flat().filter(Number.isFinite);
  if (weights.length === 0) return { low: Number.NaN, high: Number.NaN };
  return { low: Math.min(...weights), high: Math.max(...weights) };
}
