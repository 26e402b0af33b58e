import { fashionMnistClasses as classes, type ImageClassificationSet, labelledImagesFromIdx } from 'legenda';

/** The sample of Fashion-MNIST that lies beside the page. */
export async function loadSample(base: string): Promise<Pick<ImageClassificationSet, 'train' | 'test' | 'classes'>> {
  const [train, trainLabels, test, testLabels] = await Promise.all(
    ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'].map((name) =>
      unzipped(name, new URL(`data/${name}-ubyte.bin`, base).href),
    ),
  );
  return {
    classes,
    train: labelledImagesFromIdx(train!, trainLabels!, classes.length),
    test: labelledImagesFromIdx(test!, testLabels!, classes.length),
  };
}

async function unzipped(name: string, address: string): Promise<{ name: string; bytes: Uint8Array }> {
  const response = await fetch(address);
  if (!response.ok || !response.body) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  const content = new Response(response.body.pipeThrough(new DecompressionStream('gzip')));
  return { name, bytes: new Uint8Array(await content.arrayBuffer()) };
}
