import sharp from 'sharp';

/** Pixels of the PNG for one of the drawing's. */
const scale = 2;

/** Dots an inch at which a pixel of an SVG is a pixel. */
const density = 72;

const style = `<style>
svg { color: #211d19; font-family: system-ui, "Liberation Sans", "DejaVu Sans", sans-serif; }
text, tspan { white-space: pre; }
</style>`;

/**
 * The file that `standalone` makes as a PNG: on white, in the light colours, twice as large.
 * @throws Error of sharp when it cannot be drawn; a font that is not there is no reason
 */
export const toPng = (svg: string): Promise<Buffer> =>
  sharp(Buffer.from(inLight(svg)), { density: density * scale })
    .flatten({ background: '#fff' })
    .png()
    .toBuffer();

/** librsvg knows no custom properties, so that each gives way to what stands in it for want of a page; it knows no schemes either. */
const inLight = (svg: string): string =>
  svg
    .replace(/<style>[^<]*<\/style>/, style)
    .replace(/<[a-z][^>]*>/g, (tag) => tag.replace(/var\(--[a-z]+, ([^(),;]+)\)/g, '$1'));
