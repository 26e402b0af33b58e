import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listImages } from './list-images.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legenda-images-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('gives the images of a folder as people order them', async () => {
  const names = [
    '10.tif',
    '2.tif',
    '1.TIF',
    'b.jpeg',
    'a.webp',
    'a10.png',
    'a9.png',
    'notes.txt',
    '._1.tif',
    '3.tif.bak',
  ];
  for (const name of names) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, '4.tif'));
  symlinkSync(join(folder, '2.tif'), join(folder, '5.tif'));
  symlinkSync(join(folder, 'nowhere'), join(folder, '6.tif'));
  const found = await listImages(folder);
  expect(found.map((path) => basename(path))).toEqual([
    '1.TIF',
    '2.tif',
    '5.tif',
    '10.tif',
    'a.webp',
    'a9.png',
    'a10.png',
    'b.jpeg',
  ]);
  expect(found[0]).toBe(join(folder, '1.TIF'));
});

it('says when there is none', async () => {
  await expect(listImages(folder)).rejects.toThrow(
    `${folder} has no images: files ending in .tif, .tiff, .png, .jpg, .jpeg, .webp were expected, it is empty`,
  );
  writeFileSync(join(folder, 'a.txt'), '');
  await expect(listImages(folder)).rejects.toThrow('1 other files or folders came');
  await expect(listImages(join(folder, 'a.txt'))).rejects.toThrow('a part of the path is not a folder');
  await expect(listImages(join(folder, 'b'))).rejects.toThrow('there is no such file or folder');
});
