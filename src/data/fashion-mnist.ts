import { fileURLToPath } from 'node:url';
import type { PinnedFile } from './content.js';
import { type ImageClassificationSet, labelledImagesFromIdx } from './dataset.js';
import { fashionMnistClasses } from './fashion-mnist-classes.js';
import { type FileSet, type ObtainOptions, obtainFiles, UnavailableError } from './obtain.js';

const imagesHeader = 16;
const labelsHeader = 8;
const imageBytes = 28 * 28;

/** The four files of a set with `train` and `test` images, under the names that MNIST gave them. */
const pinnedFiles = (train: number, test: number, digests: readonly [string, string, string, string]): PinnedFile[] => [
  { name: 'train-images-idx3-ubyte.gz', bytes: imagesHeader + train * imageBytes, sha256: digests[0] },
  { name: 'train-labels-idx1-ubyte.gz', bytes: labelsHeader + train, sha256: digests[1] },
  { name: 't10k-images-idx3-ubyte.gz', bytes: imagesHeader + test * imageBytes, sha256: digests[2] },
  { name: 't10k-labels-idx1-ubyte.gz', bytes: labelsHeader + test, sha256: digests[3] },
];

/** Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017; arXiv:1708.07747). */
export const fashionMnistFiles: FileSet = {
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  files: pinnedFiles(60_000, 10_000, [
    'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  ]),
  mirrors: [
    { title: "the authors' storage", url: 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/' },
    {
      title: "the authors' repository",
      url: 'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
    },
  ],
  debian: { package: 'dataset-fashion-mnist', folder: '/usr/share/datasets/fashion-mnist' },
};

/** The images that are bundled with the program; `scripts/make-sample.js` chose them. */
export const fashionMnistSampleFiles: FileSet = {
  name: 'fashion-mnist-sample',
  title: 'the sample of Fashion-MNIST',
  files: pinnedFiles(3000, 600, [
    '6590302eb923e4979523a5a9edd188c2a57242ad4ea7cdf2429bc82863102a8d',
    '84c6ece628f6401439ebd785335242e9928b21dca7107820969008f160064cac',
    '7991952392e4fb1442b5fb2079c9bc020fb899601d13c858b73d59b3cd8edcb4',
    '65edf46d3e0bbb1d58689738929d3b8742a00a4a5df84c596a38eb788f5d691d',
  ]),
  mirrors: [],
};

/** `data/` of the package: the same place seen from src/data and from dist/data. */
export const bundledRoot = fileURLToPath(new URL('../../data', import.meta.url));

/** What callers must print when a set says `sample`. */
export const sampleWarning =
  'this uses the bundled SAMPLE of Fashion-MNIST (3,000 training and 600 test images) in place of the full set, ' +
  'so its numbers are not comparable with published ones. "legenda data get fashion-mnist" fetches the full set.';

export interface FashionMnistOptions extends ObtainOptions {
  /** Whether the bundled sample will do where the full set is not to be had. */
  readonly allowSample?: boolean;
}

/**
 * Fashion-MNIST: 60,000 training and 10,000 test images, 1×28×28, ten classes; every file checked by its digest.
 *
 * @throws LegendaError naming the file, when one in the data root is not what it should be
 * @throws UnavailableError listing what was tried, when it is not to be had and the sample not allowed
 */
export async function loadFashionMnist(options: FashionMnistOptions): Promise<ImageClassificationSet> {
  try {
    return await load(fashionMnistFiles, options, false);
  } catch (error) {
    if (!options.allowSample || !(error instanceof UnavailableError)) throw error;
    return loadFashionMnistSample();
  }
}

/** The bundled sample: 3,000 training and 600 test images, as many of each class. */
export const loadFashionMnistSample = (): Promise<ImageClassificationSet> =>
  load(fashionMnistSampleFiles, { root: bundledRoot, offline: true }, true);

async function load(set: FileSet, options: ObtainOptions, sample: boolean): Promise<ImageClassificationSet> {
  const { contents, source } = await obtainFiles(set, options);
  const [trainImages, trainLabels, testImages, testLabels] = set.files.map(({ name }) => ({
    name: `${set.name}/${name}`,
    bytes: contents.get(name)!,
  }));
  return {
    name: set.name,
    classes: fashionMnistClasses,
    train: labelledImagesFromIdx(trainImages!, trainLabels!, fashionMnistClasses.length),
    test: labelledImagesFromIdx(testImages!, testLabels!, fashionMnistClasses.length),
    source,
    sample,
    digests: Object.fromEntries(set.files.map(({ name, sha256 }) => [name.replace(/\.gz$/, ''), sha256])),
  };
}
