import sharp from 'sharp';
import { expect, it } from 'vitest';
import { attentionSheet } from '../../explain/attention/sheet.js';
import { confusionMatrix } from './confusion.js';
import { standalone } from './draw.js';
import { toPng } from './png.js';

/** Pixels with how often they come, as `r,g,b`. */
async function coloursOf(png: Buffer): Promise<Map<string, number>> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const colours = new Map<string, number>();
  for (let i = 0; i < data.length; i += info.channels) {
    const colour = data.subarray(i, i + 3).join(',');
    colours.set(colour, (colours.get(colour) ?? 0) + 1);
  }
  return colours;
}

const isAccent = (colour: string): boolean => {
  const [red, green, blue] = colour.split(',').map(Number) as [number, number, number];
  return red > 170 && red - Math.max(green, blue) > 50;
};

it('is on white, in the accent colour, twice as large', async () => {
  const text = { title: 'Confusions', description: 'd', classes: ['cat', 'var(--paper, #fff)'] };
  const counts = [
    [9, 0],
    [0, 9],
  ];
  const png = await toPng(standalone(confusionMatrix({ ...text, counts, width: 300 })));
  const { format, width, hasAlpha } = await sharp(png).metadata();
  expect({ format, width, hasAlpha }).toEqual({ format: 'png', width: 600, hasAlpha: false });
  const colours = await coloursOf(png);
  const most = [...colours].sort((a, b) => b[1] - a[1]).slice(0, 3);
  expect(most[0]![0]).toBe('255,255,255');
  expect(most.some(([colour]) => isAccent(colour))).toBe(true);
});

it('has the picture that is inside the drawing', async () => {
  const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#20c040' } })
    .jpeg()
    .toBuffer();
  const sheet = attentionSheet({
    id: 'p',
    title: 'a <b>',
    picture: `data:image/jpeg;base64,${picture.toString('base64')}`,
    words: [{ word: 'green', attention: [0, 0, 0, 1] }],
  });
  const colours = await coloursOf(await toPng(standalone(sheet)));
  const green = [...colours].filter(([colour]) => {
    const [red, green, blue] = colour.split(',').map(Number) as [number, number, number];
    return green > 150 && red < 80 && blue < 110;
  });
  expect(green.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(4 * 112 * 112);
});

it('refuses what is no drawing', async () => {
  await expect(toPng('<svg')).rejects.toThrow();
});
