import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captionAnswer, classAnswer, modelsAnswer } from '../../src/serve/schemas.js';
import { legenda } from '../support/cli.js';
import type { Listening } from '../support/listening.js';
import { metric, smallCaptioner, smallClassifier, startService } from '../support/service.js';

let root: string;
let service: Listening;
/** Paths by type. */
const images: (readonly [type: string, path: string, bytes: Uint8Array<ArrayBuffer>])[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'legenda-serve-'));
  mkdirSync(join(root, 'images'));
  for (const [i, type] of (['jpeg', 'png', 'tiff', 'webp'] as const).entries()) {
    for (const hue of [0, 90, 200]) {
      const background = { r: hue, g: 60 * i, b: 255 - hue };
      const bytes = await sharp({ create: { width: 40 + i, height: 50, channels: 3, background } })
        .toFormat(type)
        .toBuffer();
      const path = join(root, 'images', `${type}-${hue}`);
      writeFileSync(path, bytes);
      images.push([type, path, new Uint8Array(bytes)]);
    }
  }
  // sentences that take longer to write than a request takes to come: others wait meanwhile
  const looks = smallCaptioner(root, 'looks', 60);
  const runs = await Promise.all([looks, smallCaptioner(root, 'other'), smallClassifier(root)]);
  service = await startService([...runs, '--beam', '3', '--batch', '4']);
});

afterAll(async () => {
  await service?.stop();
  rmSync(root, { recursive: true, force: true });
});

const ask = (path: string, body: BodyInit, type = 'application/octet-stream') =>
  fetch(`${service.url}${path}`, { method: 'POST', body, headers: { 'content-type': type } });

test('captions are the command line’s, of every format, however many are asked for at once', async () => {
  const line = await legenda([
    'caption',
    join(root, 'looks'),
    ...images.map(([, path]) => path),
    '--beam',
    '3',
    '--json',
  ]);
  const said = line.stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text)) as {
    caption: string;
    logProbability: number;
  }[];
  expect(said).toHaveLength(12);
  const rounds = Array.from({ length: 5 }, () => images.entries()).flatMap((entries) => [...entries]);
  const answers = await Promise.all(
    rounds.map(async ([i, [type, , bytes]]) => {
      const response = await ask('/v1/caption?model=looks', bytes, `image/${type}`);
      expect(response.status).toBe(200);
      return [i, captionAnswer.parse(await response.json())] as const;
    }),
  );
  for (const [i, { captions }] of answers) {
    expect(captions).toHaveLength(1);
    expect(captions[0]!.caption).toBe(said[i]!.caption);
    expect(captions[0]!.logProbability).toBeCloseTo(said[i]!.logProbability, 4);
  }
  expect(await metric(service.url, 'legenda_batch_images_count')).toBeLessThan(rounds.length / 2);
  expect(await metric(service.url, 'legenda_batch_images_sum')).toBe(rounds.length);
});

test('several captions come with words, their probabilities and where the decoder looked', async () => {
  const form = new FormData();
  form.set('image', new Blob([images[0]![2]]), 'a.jpg');
  const response = await fetch(`${service.url}/v1/caption?model=looks&best=3&attention`, {
    method: 'POST',
    body: form,
  });
  const { captions, grid } = captionAnswer.parse(await response.json());
  expect(captions).toHaveLength(3);
  const { rows, columns } = grid!;
  for (const { words, caption, logProbability, ended } of captions) {
    expect(words.map(({ word }) => word).join(' ')).toBe(caption);
    const sum = words.reduce((all, word) => all + word.logProbability, 0);
    if (ended) expect(sum).toBeGreaterThan(logProbability);
    else expect(sum).toBeCloseTo(logProbability, 4);
    for (const { attention } of words) {
      expect(attention).toHaveLength(rows * columns);
      expect(attention!.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    }
  }
});

test('classes come with probabilities, the likeliest first', async () => {
  const { classes } = classAnswer.parse(await (await ask('/v1/classify?top=10', images[0]![2])).json());
  expect(classes).toHaveLength(10);
  expect(classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
  const probabilities = classes.map(({ probability }) => probability);
  expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
  expect((await (await ask('/v1/classify?top=2', images[0]![2])).json()).classes).toEqual(classes.slice(0, 2));
});

test('what is served is described: models, OpenAPI, health, readiness, metrics', async () => {
  const { models } = modelsAnswer.parse(await (await fetch(`${service.url}/v1/models`)).json());
  expect(models.map(({ name, kind }) => [name, kind])).toEqual([
    ['looks', 'captioner'],
    ['other', 'captioner'],
    ['garments', 'classifier'],
  ]);
  const description = await (await fetch(`${service.url}/openapi.json`)).json();
  expect(await new Validator().validate(description)).toMatchObject({ valid: true });
  expect(Object.keys(description.paths)).toEqual(expect.arrayContaining(['/v1/caption', '/v1/classify', '/metrics']));
  for (const path of ['/healthz', '/readyz']) expect((await fetch(service.url + path)).status).toBe(200);
  const metrics = await fetch(`${service.url}/metrics`);
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  expect(await metrics.text()).toContain('process_resident_memory_bytes');
});

test.each([
  ['/v1/caption', 400, 'model: one of looks, other is expected'],
  ['/v1/caption?model=garments', 404, 'there is no captioner "garments"; there are: looks, other'],
  ['/v1/caption?model=looks&best=4', 400, 'best: at most the beam, 3, is expected, 4 came'],
  ['/v1/caption?model=looks&best=a', 400, 'best: Invalid input: expected number, received NaN'],
  ['/v1/caption?model=looks&attention=2', 400, 'attention: Invalid option: expected one of ""|"true"|"false"'],
  ['/v1/classify?tops=4', 400, 'Unrecognized key: "tops"'],
  ['/v1/nothing', 404, 'there is nothing at /v1/nothing; /openapi.json says what there is'],
])('%s is refused with %i', async (path, status, detail) => {
  const response = await ask(path, images[0]![2]);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status, detail });
});

test('an image is expected, by POST', async () => {
  const got = await fetch(`${service.url}/v1/classify`);
  expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  const empty = await ask('/v1/classify', '');
  expect(await empty.json()).toMatchObject({ status: 400, detail: 'the request has no body, an image was expected' });
  const form = new FormData();
  form.set('note', 'a text');
  const none = await fetch(`${service.url}/v1/classify`, { method: 'POST', body: form });
  expect(await none.json()).toMatchObject({ status: 400, detail: 'one file was expected in the form, 0 came' });
  const broken = await ask('/v1/classify', 'no form', 'multipart/form-data; boundary=x');
  expect(await broken.json()).toMatchObject({ status: 400, detail: expect.stringContaining('no multipart/form-data') });
});
