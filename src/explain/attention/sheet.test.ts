import sharp from 'sharp';
import { expect, it } from 'vitest';
import { toDataUri } from './map.js';
import { attentionSheet, sheetFile } from './sheet.js';

it('has the picture and one a word, dark where nothing was looked at, as an image that can be read', async () => {
  const grey = { side: 16, pixels: new Uint8Array(3 * 16 * 16).fill(200) };
  const words = [
    { word: 'a', attention: [0.25, 0.25, 0.25, 0.25] },
    { word: '<river> & "sea"', attention: [0, 0, 0, 1] },
  ];
  const sheet = attentionSheet({ id: 'picture', title: 'a <river>\u0000', picture: await toDataUri(grey), words });
  expect(sheet.match(/<use /g)).toHaveLength(3);
  expect(sheet).toContain('<title>a &lt;river&gt;\ufffd</title><desc>a &lt;river&gt; &amp; &quot;sea&quot;</desc>');
  expect(sheet.match(/textLength="112"/g)).toHaveLength(1);
  expect(sheet.match(/opacity="0.75"/g)).toHaveLength(3);
  const { data, info } = await sharp(Buffer.from(sheetFile(sheet)))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([368, 148]);
  const at = (x: number, y: number) => data[(y * info.width + x) * info.channels]!;
  expect(at(8 + 30, 8 + 30)).toBeGreaterThan(190);
  expect(at(8 + 120 + 30, 8 + 30)).toBeGreaterThan(190);
  expect(at(8 + 240 + 30, 8 + 30)).toBeLessThan(60);
  expect(at(8 + 240 + 90, 8 + 90)).toBeGreaterThan(190);
});
