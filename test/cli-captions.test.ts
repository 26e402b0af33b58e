import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { fourImages, writeCaptionSet } from './support/caption-set.js';
import { legenda, refused, settings } from './support/cli.js';
import { inFolder } from './support/training.js';

const small = {
  scenes: 20,
  side: 16,
  channels: [3, 4, 5],
  embedding: 6,
  hidden: 7,
  epochs: 1,
  maxLength: 6,
  buckets: 1,
};

test('a captioner is trained, captions what it can read, and is scored', async () => {
  await inFolder(async (root) => {
    const dir = join(root, 'run');
    const more = ['--set', 'attention=4', '--threads', '1', '--out', dir, '--json'];
    const trained = await legenda(['train', 'captioner-attention', ...settings(small), ...more]);
    expect(trained.status, trained.stderr).toBe(0);
    const result = JSON.parse(trained.stdout.trimEnd().split('\n').at(-1)!);
    expect(result).toMatchObject({
      ...{ type: 'result', dir, state: 'done', testBleu4: expect.any(Number) },
      signature: expect.stringMatching(/^bleu:nltk\|tok:blanks\|smooth:none\|refs:5\|images:2\|split:test\|captions:/),
    });

    const [good, bad] = [join(root, 'good.jpg'), join(root, 'bad.tif')];
    await sharp({ create: { width: 50, height: 40, channels: 3, background: 'green' } }).toFile(good);
    writeFileSync(bad, 'a text');
    const captioned = await legenda([
      'caption',
      dir,
      bad,
      good,
      '--beam',
      '3',
      '--best',
      '2',
      '--threads',
      '1',
      '--json',
    ]);
    expect(captioned.status).toBe(1);
    const [wrong, right] = captioned.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(wrong).toMatchObject({
      image: bad,
      error: expect.stringContaining('is a text file, an image was expected'),
    });
    expect(right).toMatchObject({ image: good, caption: expect.any(String) });
    expect(right.captions).toHaveLength(2);
    expect(captioned.stderr).toMatch(/legenda: 1 of 2 images have no caption\n$/);
    const plain = await legenda(['caption', dir, good, '--threads', '1']);
    expect(plain).toMatchObject({ status: 0, stderr: '' });
    expect(plain.stdout.startsWith(`${good}\t`)).toBe(true);

    const evaluated = await legenda(['evaluate', dir, '--threads', '1', '--json']);
    expect(evaluated, evaluated.stderr).toMatchObject({ status: 0 });
    const found = JSON.parse(evaluated.stdout);
    expect(found).toMatchObject({
      split: 'test',
      beam: 1,
      images: 2,
      bleu: [{}, {}, {}, { value: result.testBleu4 }],
      nearest: { images: 2 },
      signature: expect.stringMatching(
        /^bleu:nltk\|tok:blanks\|smooth:none\|refs:5\|images:2\|split:test\|captions:[0-9a-f]{12}\|/,
      ),
    });
    const written = JSON.parse(readFileSync(join(dir, 'captions-test.json'), 'utf8'));
    expect(found.captions.map(({ image, caption }: Record<string, string>) => [image, caption])).toEqual(
      written.map(({ image_id, caption }: Record<string, string>) => [image_id, caption]),
    );
    const table = await legenda([
      'evaluate',
      dir,
      '--split',
      'validation',
      '--beam',
      '3',
      '--mode',
      'coco',
      '--threads',
      '1',
    ]);
    expect(table.stdout).toMatch(/^.*run, validation, beam of 3, beside .*\n\nSCORE +VALUE +95 % INTERVAL +COPIED/);
    expect(table.stdout).toMatch(/^bleu:coco\|tok:blanks\|smooth:tiny\|refs:5\|images:2\|split:val\|/m);

    const page = await legenda(['report', dir, '--out', join(root, 'page')]);
    expect(page, page.stderr).toMatchObject({ status: 0, stderr: '' });
    const html = readFileSync(join(root, 'page', 'index.html'), 'utf8');
    expect(html.includes('Experiment 4')).toBe(true);
    expect(html.includes('Captions that went wrong')).toBe(true);
    const kept = JSON.parse(readFileSync(join(dir, 'evaluation.json'), 'utf8'));
    expect(kept).toMatchObject({
      split: 'test',
      step: found.step,
      scores: { bleu: found.bleu },
      samples: expect.any(Array),
    });
    expect((await legenda(['report', dir, '--out', join(root, 'again')])).status).toBe(0);
    expect(JSON.parse(readFileSync(join(dir, 'evaluation.json'), 'utf8'))).toEqual(kept);

    const shared = await legenda(['caption', dir, good, '--beam', '4', '--consensus', '--threads', '1', '--json']);
    expect(JSON.parse(shared.stdout)).toMatchObject({ image: good, caption: expect.any(String) });

    const maps = join(root, 'maps');
    const drawn = await legenda(['caption', dir, good, good, '--attention', maps, '--threads', '1']);
    expect(drawn, drawn.stderr).toMatchObject({ status: 0 });
    const said = drawn.stdout.split('\n')[0]!.split('\t')[1]!.split(' ');
    expect(readdirSync(maps)).toEqual(['good', 'good-2']);
    expect(readdirSync(join(maps, 'good'))).toEqual([
      ...said.map((word, i) => `${String(i + 1).padStart(2, '0')}-${word}.png`),
      'sheet.svg',
    ]);
    expect(readFileSync(join(maps, 'good', 'sheet.svg'), 'utf8')).toContain(`<title>${said.join(' ')}</title>`);
    const first = said[0]!;
    const figures = join(root, 'words');
    const words = ['explain', 'saliency', dir, good, '--threads', '1'];
    const explained = await legenda([...words, '--words', first, '--out', figures, '--json']);
    expect(explained, explained.stderr).toMatchObject({ status: 0 });
    const { caption, words: explainedWords } = JSON.parse(explained.stdout);
    expect(caption).toBe(said.join(' '));
    expect(explainedWords.map(({ word }: { word: string }) => word)).toEqual(said.filter((word) => word === first));
    for (const { completeness } of explainedWords)
      expect(Math.abs(completeness.sum - completeness.difference)).toBeLessThan(
        0.01 * Math.abs(completeness.difference),
      );
    expect(readdirSync(figures)).toEqual(['decisions.png', 'decisions.svg']);
    const absent = `the caption "${said.join(' ')}" has no word zebra`;
    await refused([...words, '--words', 'zebra'], 1, absent, root);
    await refused(['explain', 'saliency', dir], 2, 'captioner-attention needs an image file', root);
    await refused([...words, '--class', 'bag'], 2, '--class: classifiers have one', root);
    const file = join(root, 'model.onnx');
    await refused(['export', dir, file], 2, `${file}: a captioner is more than one file`, root);
    expect(await legenda(['export', dir, join(root, 'shipped')])).toMatchObject({ status: 0, stdout: '' });
    expect(readdirSync(join(root, 'shipped'))).toEqual(['captioner.json', 'look.onnx', 'say.onnx']);
    expect(await legenda(['export', dir, join(root, 'model.safetensors')])).toMatchObject({ status: 0, stdout: '' });
    await refused(
      ['caption', dir, root, '--beam', '2', '--best', '3'],
      2,
      'best: a whole number from 1 to the beam',
      root,
    );
    const results = join(dir, 'captions-test.json');
    const images = JSON.parse(readFileSync(results, 'utf8')) as { image_id: string; caption: string }[];
    const references = join(root, 'references.json');
    const annotations = images.map(({ image_id, caption }) => ({ image_id, caption: `${caption} again` }));
    writeFileSync(references, JSON.stringify({ annotations }));
    const scored = await legenda(['score', '--candidates', results, '--references', references, '--json']);
    expect(scored).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(scored.stdout)).toMatchObject({
      images: 2,
      references: [1, 1],
      signature: expect.stringMatching(
        /^bleu:coco\|tok:ptb-like\|smooth:tiny\|refs:1\|images:2\|split:all\|captions:[0-9a-f]{12}\|/,
      ),
    });
  });
});

test.concurrent('score prints a table with intervals and what it was made under', async () => {
  await inFolder(async (root) => {
    const file = (name: string, text: string) => {
      writeFileSync(join(root, name), text);
      return join(root, name);
    };
    const candidates = file('candidates.txt', 'a river runs through the town\ntwo planes are parked\n');
    const references = [
      file('first.txt', 'A river runs through a town .\nTwo planes stand there .\n'),
      file('second.txt', 'there is a river\ntwo white planes are parked\n'),
    ];
    const score = (...more: string[]) =>
      legenda(['score', '--candidates', candidates, '--references', ...references, ...more]);
    const { status, stdout } = await score();
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^SCORE +VALUE +95 % INTERVAL$/);
    expect(lines.map((line) => line.split(/[ |]/)[0])).toEqual([
      'SCORE',
      'BLEU-1',
      'BLEU-2',
      'BLEU-3',
      'BLEU-4',
      'ROUGE-L',
      'CIDEr-D',
      'distinct',
      'bleu:coco',
    ]);
    expect((await score('--mode', 'nltk')).stdout).toContain('bleu:nltk|tok:ptb-like|smooth:none|refs:2|images:2');
    await refused(
      ['score', '--candidates', candidates, '--references', file('short.txt', 'one\n')],
      1,
      'line 2 of the candidates has no references',
      root,
    );
    await refused(
      ['score', '--candidates', join(root, 'none.txt'), '--references', ...references],
      1,
      'cannot read',
      root,
    );
  });
});

test.concurrent('a captioner refuses what does not go together, before anything is written', async () => {
  await inFolder(async (root) => {
    const train = ['train', 'captioner', '--threads', '1', '--out', join(root, 'run')];
    await refused(
      [...train, '--sample'],
      2,
      '--sample is a sample of Fashion-MNIST; captioner is trained on captions',
      root,
    );
    const sweep = ['sweep', 'captioner', '--sample', '--out', join(root, 'sweep')];
    await refused(
      [...sweep, '--grid', 'lr=0.1,0.2'],
      2,
      '--sample is a sample of Fashion-MNIST; captioner is trained on captions',
      root,
    );
    await refused(
      [...train, '--encoder', 'x.onnx'],
      2,
      'encoder: scenes are seen by an encoder that is trained along',
      root,
    );
    await refused(
      [...train, '--dataset', join(root, 'nothing')],
      1,
      `there is no caption set "${join(root, 'nothing')}"`,
      root,
    );
    await refused(
      [...train, '--set', 'attention=5'],
      2,
      '"attention" is no key of captioner; it takes dataset, ',
      root,
    );
    await refused(['train', 'fashion-cnn', '--dataset', 'scenes'], 2, '"dataset" is no key of fashion-cnn', root);
  });
});

test.concurrent('without test images a captioner is judged by the epoch that did best on validation', async () => {
  await inFolder(async (root) => {
    const folder = join(root, 'own');
    await writeCaptionSet(
      folder,
      fourImages.map((image) => (image.split === 'test' ? { ...image, split: 'train' } : image)),
    );
    const { scenes: _, ...more } = { ...small, batch: 3, epochs: 3, beam: 2, consensus: true };
    const own = ['--dataset', folder, '--threads', '1', ...settings({ ...more, attention: 4 })];
    const dir = join(root, 'run');
    const trained = await legenda(['train', 'captioner-best', ...own, '--out', dir, '--json']);
    expect(trained.status, trained.stderr).toBe(0);
    const events = trained.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const scores = events.flatMap((event) => (event.type === 'epoch' ? [event.validation.bleu4] : []));
    expect(scores).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({
      type: 'result',
      validationBleu4: Math.max(...scores),
      signature: expect.stringMatching(/^bleu:coco\|tok:blanks\|smooth:tiny\|refs:1\|images:1\|split:val\|/),
    });
    const evaluated = await legenda(['evaluate', dir, '--split', 'validation', '--threads', '1', '--json']);
    const { bleu, beam, consensus } = JSON.parse(evaluated.stdout);
    expect({ beam, consensus, bleu4: bleu[3].value }).toEqual({ beam: 2, consensus: true, bleu4: Math.max(...scores) });
    const swept = await legenda([
      'sweep',
      'captioner-best',
      ...own,
      '--grid',
      'seed=42',
      '--out',
      join(root, 'sweep'),
      '--json',
    ]);
    expect(swept.status, swept.stderr).toBe(0);
    expect(JSON.parse(swept.stdout).trials[0].validation.bleu4).toBe(Math.max(...scores));
  });
});
