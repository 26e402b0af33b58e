import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zipOf } from '../../../test/support/archives.js';
import { filesOf, fourImages, karpathyOf, writeCaptionSet } from '../../../test/support/caption-set.js';
import { UnavailableError } from '../obtain.js';
import { obtainCaptionSet } from './get-set.js';
import { type KnownCaptionSet, knownCaptionSets } from './known-sets.js';
import { sha256Of } from './text-file.js';

let root: string;
let server: Server;
let base: string;
const served = new Map<string, Uint8Array>();

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'legenda-get-'));
  served.clear();
  server = createServer((request, response) => {
    const content = served.get(request.url!);
    if (content) response.end(content);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true });
});

function published(path: string, content: Uint8Array) {
  served.set(path, content);
  return { url: `${base}${path}`, sha256: sha256Of(content), maxBytes: 1_000_000 };
}

async function known(): Promise<KnownCaptionSet> {
  const files = [...(await filesOf(fourImages))].map(([name, content]) => ({ name: `Set/${name}`, content }));
  const byHand = ['Open it in a browser.', 'legenda data import small FOLDER', 'Or put it into {root}/small.'];
  return {
    ...{ name: 'small', title: 'The small set', description: '', licence: '', byHand },
    archive: published('/small.zip', zipOf(files)),
  };
}

describe('a known caption set', () => {
  it('is fetched, checked and unpacked; then it is here', async () => {
    const set = await known();
    const progress: string[] = [];
    const first = await obtainCaptionSet(set, { root, onProgress: ({ what }) => progress.push(what) });
    expect(first.source).toBe(`${base}/small.zip`);
    expect(first.set.images.length).toBe(4);
    expect(new Set(progress)).toEqual(new Set(['small.zip', 'unpacking The small set']));
    expect(readdirSync(root)).toEqual(['small']);
    served.clear();
    const again = await obtainCaptionSet(set, { root });
    expect(again).toMatchObject({ source: join(root, 'small'), set: { sha256: sha256Of(karpathyOf(fourImages)) } });
  });

  it('has other captions in place of the archive’s where they are named', async () => {
    const corrected = karpathyOf(fourImages.map((image) => ({ ...image, captions: ['Corrected'] })));
    const captions = published('/corrected.json', Buffer.from(corrected));
    const { set } = await obtainCaptionSet({ ...(await known()), captions }, { root });
    expect(set.sha256).toBe(captions.sha256);
    expect(set.images[0]!.captions).toEqual([{ raw: 'Corrected', tokens: ['corrected'] }]);
    expect(readdirSync(root)).toEqual(['small']);
  });

  it('that cannot be had is brought by hand: the error says how', async () => {
    const set = await known();
    const { archive: _, ...unpublished } = set;
    const cases: [KnownCaptionSet, object, string][] = [
      [unpublished, {}, 'no address is known from which a program could fetch it'],
      [set, { offline: true }, 'the network was not used (offline)'],
      [{ ...set, archive: { ...set.archive!, url: `${base}/gone.zip` } }, {}, 'the server answered 404'],
      [
        { ...set, archive: { ...set.archive!, sha256: '0'.repeat(64) } },
        {},
        `expected sha256 ${'0'.repeat(64)}, got ${set.archive!.sha256}`,
      ],
      [{ ...set, archive: { ...set.archive!, maxBytes: 9 } }, {}, 'more than the 9'],
      [{ ...set, archive: published('/no.zip', zipOf([{ name: 'a.txt' }])) }, {}, 'has no captions'],
    ];
    for (const [broken, options, why] of cases) {
      const getting = obtainCaptionSet(broken, { root, ...options });
      await expect(getting).rejects.toBeInstanceOf(UnavailableError);
      await expect(getting).rejects.toThrow(why);
      await expect(getting).rejects.toThrow(
        `To bring it by hand, as ${join(root, 'small')}:\n  1. Open it in a browser.\n  2. legenda data import small FOLDER\n  3. Or put it into ${root}/small.`,
      );
      expect(readdirSync(root)).toEqual([]);
    }
  });

  it('that is here and damaged is not replaced', async () => {
    await writeCaptionSet(join(root, 'small'));
    rmSync(join(root, 'small', 'images', '2.png'));
    const { archive: _, ...unpublished } = await known();
    await expect(obtainCaptionSet(unpublished, { root })).rejects.toThrow(
      /1 of 4 images are missing[\s\S]*\n {2}1\. Open it in a browser\./u,
    );
    await expect(obtainCaptionSet(await known(), { root })).rejects.toThrow(
      /1 of 4 images are missing, .*"legenda data get small --force" fetches all of it anew/,
    );
    expect((await obtainCaptionSet(await known(), { root, force: true })).set.images.length).toBe(4);
  });
});

it('the three known sets say what to do by hand', () => {
  expect(knownCaptionSets.map(({ name }) => name)).toEqual(['sydney-captions', 'ucm-captions', 'rsicd-captions']);
  for (const { name, byHand } of knownCaptionSets) {
    expect(byHand.join('\n')).toContain('https://github.com/201528014227051/RSICD_optimal');
    expect(byHand).toContain(`legenda data import ${name} FOLDER`);
  }
});
