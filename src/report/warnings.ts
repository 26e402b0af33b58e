import { type Block, callout, code } from './blocks.js';
import type { Reproduction } from './data.js';
import { count, plural } from './format.js';
import { publishedEpochs, publishedSizes } from './published.js';

/** What must be known before the numbers of a page are read: that they are of the sample, or of a quick run. */
export const warnings = (data: Reproduction): Block[] => [
  ...(data.dataset.sample ? [sampleCallout(data)] : []),
  ...(data.mode === 'quick' ? quickCallouts(data) : []),
];

function sampleCallout({ dataset, sampleBecause }: Reproduction): Block {
  const { train, test } = dataset.sizes;
  const why = { asked: 'It was asked for, so the', missing: 'The full data set was not to be had, so the' };
  return callout(
    'Only the bundled sample was used.',
    `${sampleBecause ? why[sampleBecause] : 'The'} classifier saw ${count(train)} training images, not ${count(publishedSizes.train)}, and was tested on ${count(test)}, not ${count(publishedSizes.test)}. Its accuracies say that the program works; they do not compare with the report’s. `,
    ...(sampleBecause === 'asked'
      ? ['Without ', code('--sample'), ' it sees all of them.']
      : [code('legenda data get fashion-mnist'), ' brings the rest.']),
  );
}

/** Nothing where no training was left out. */
function quickCallouts({ classifier, captioners, dataset }: Reproduction): Block[] {
  const trained = Math.max(0, ...classifier.runs.map(({ epochs }) => epochs.length));
  const isShort = trained < publishedEpochs;
  if (!isShort && !captioners) return [];
  const epochs = plural(trained, 'epoch');
  const differ = !dataset.sample && classifier.runs.some(({ reported }) => reported);
  return [
    callout(
      'A quick run.',
      isShort
        ? `It trained for ${epochs}; the report trained for ${publishedEpochs}. The classifier’s numbers are therefore not the report’s${differ ? ', and the differences below are mostly training that was left out' : ''}. `
        : `The classifier trained for ${epochs}, as many as the report’s; the caption decoders trained for fewer than in a full run. `,
      code('legenda reproduce --full'),
      ' runs the report’s recipe.',
    ),
  ];
}
