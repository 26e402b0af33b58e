// What training all of a network of ImageNet's size takes, against PyTorch: bench/FINE-TUNE.md.
import { cores, fineTunedNetworks, fineTuning, rounds } from './contest.js';
import { commit, loadBefore, machine, today } from './machine.js';

/** @returns the page */
export async function measureFineTuning() {
  const before = loadBefore();
  const lines = [
    '# Fine-tuning',
    '',
    `Written by \`npm run bench -- --fine-tune\` on ${today()}: ${machine()}, commit ${commit()}.`,
    `Load before it began: ${before}. A step trains all parameters of a network (batch normalisations within the convolutions, as ONNX`,
    `files have them) with plain gradient descent: 8 drawn images of 224×224, ten classes, ${cores} threads. Contestants run in processes of`,
    `their own, one at a time, in ${rounds} interleaved rounds; a time is the median of the rounds’ medians, with the least and the largest`,
    'of these behind it. Blocks of channels are the layout of ONNX Runtime’s fastest convolutions for CPUs.',
  ];
  for (const network of fineTunedNetworks) {
    const results = await fineTuning(network);
    const legenda = results[0].median;
    lines.push(
      '',
      `## ${network}`,
      '',
      '| contestant | version | ms a step | rounds | relative to Legenda | peak memory |',
      '| --- | --- | --- | --- | --- | --- |',
      ...results.map(
        ({ name, version, median, least, greatest, peakBytes }) =>
          `| ${name} | ${version} | ${median.toFixed(0)} | ${least.toFixed(0)} to ${greatest.toFixed(0)} | ${(median / legenda).toFixed(2)} | ${(peakBytes / 1e6).toFixed(0)} MB |`,
      ),
      '',
    );
    for (const name of ['PyTorch', 'Newer PyTorch']) {
      const peer = results.find((result) => result.name === name);
      if (peer !== undefined) lines.push(`Legenda’s time is ${(legenda / peer.median).toFixed(2)} of ${name}’s.`);
    }
  }
  return `${lines.join('\n')}\n`;
}
