import { join } from 'node:path';
import { LegendaError } from '../errors.js';
import { bundledRoot, fashionMnistFiles, fashionMnistSampleFiles } from './fashion-mnist.js';
import { type FileSet, locate, readPinned } from './obtain.js';

/** A data set of files that are known to the byte. */
export interface PinnedSet {
  readonly kind: 'pinned';
  readonly name: string;
  readonly files: FileSet;
  readonly description: string;
  readonly licence: string;
  /** Part of the package: neither fetched nor in the data root. */
  readonly bundled: boolean;
}

export interface FileCheck {
  readonly file: string;
  /** Where it was found; absent when it was not. */
  readonly path?: string;
  readonly state: 'good' | 'wrong' | 'missing';
  /** sha256 of the decompressed content. */
  readonly expected: string;
  /** What is wrong, with the digest that came. */
  readonly problem?: string;
}

export const fashionMnist: PinnedSet = {
  kind: 'pinned',
  name: fashionMnistFiles.name,
  files: fashionMnistFiles,
  description: 'clothes, 28×28 grey, 10 classes, 60,000 training and 10,000 test images (Xiao et al., 2017)',
  licence: 'MIT, © 2017 Zalando SE',
  bundled: false,
};

export const fashionMnistSample: PinnedSet = {
  kind: 'pinned',
  name: fashionMnistSampleFiles.name,
  files: fashionMnistSampleFiles,
  description: 'a sample of Fashion-MNIST, 3,000 training and 600 test images, for tests and machines without network',
  licence: 'MIT, © 2017 Zalando SE',
  bundled: true,
};

/** Where each of a set's files lies (in the data root, the package, or an installed Debian package), in the set's order. */
export async function locateFiles({ files: set, bundled }: PinnedSet, root: string): Promise<(string | undefined)[]> {
  const folders = [join(bundled ? bundledRoot : root, set.name), ...(set.debian ? [set.debian.folder] : [])];
  return Promise.all(
    set.files.map(async (file) => {
      for (const folder of folders) {
        const path = await locate(folder, file);
        if (path) return path;
      }
      return undefined;
    }),
  );
}

/** Reads every file of a set and compares its digest; fetches nothing. */
export async function verifyFiles(set: PinnedSet, root: string): Promise<FileCheck[]> {
  const paths = await locateFiles(set, root);
  return Promise.all(
    set.files.files.map(async (file, i): Promise<FileCheck> => {
      const path = paths[i];
      const check = { file: file.name, expected: file.sha256 };
      if (!path) return { ...check, state: 'missing' };
      try {
        await readPinned(file, path);
        return { ...check, path, state: 'good' };
      } catch (error) {
        if (!(error instanceof LegendaError)) throw error;
        return { ...check, path, state: 'wrong', problem: error.message };
      }
    }),
  );
}
