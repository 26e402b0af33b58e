import type { Pixels } from './square.js';

/** Images of more pixels would take the page's memory. */
const mostPixels = 50_000_000;

/** The pixels of an image's file. @throws Error when browsers cannot read it, or it has too many */
export async function readFile(file: Blob): Promise<Pixels> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error('this is no image that browsers can read (JPEG, PNG, WebP)');
  });
  const { width, height } = bitmap;
  try {
    if (width * height > mostPixels)
      throw new Error(`at most ${mostPixels} pixels are accepted, this image has ${width}×${height}`);
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}
