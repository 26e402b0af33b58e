import { Preprocessor } from '../../data/images/preprocess.js';
import { chooseWriting, imagesAtOnce } from '../../decode/write-captions.js';
import { CaptionWriter } from '../../recipes/caption-writer.js';
import { openCaptioner } from '../../recipes/open-captioner.js';
import type { Runtime } from '../../runtime/session.js';
import { BySize } from './by-size.js';
import type { Model } from './model.js';
import type { ModelSettings } from './protocol.js';

/** Opens a run that says what is in images. */
export async function openServedCaptioner(settings: ModelSettings, runtime: Runtime): Promise<Model> {
  const trained = await openCaptioner(settings.dir, settings.checkpoint);
  const writing = chooseWriting(settings, trained.configuration);
  const batch = Math.min(settings.batch, imagesAtOnce(writing));
  const writers = await BySize.open(batch, (size) => CaptionWriter.open(trained, { runtime, writing, batch: size }));
  const preprocessor = new Preprocessor(trained.preprocessing);
  const { beam, consensus } = writing;
  return {
    description: {
      kind: 'captioner',
      recipe: trained.record.recipe,
      step: trained.step,
      batch,
      preprocessing: trained.preprocessing,
      beam,
      consensus,
      attends: trained.network.decoder.attends,
    },
    async answer(images, best) {
      const { size, compiled: writer } = writers.for(images.length);
      const pixels = new Float32Array(size * preprocessor.size);
      for (const [i, image] of images.entries()) preprocessor.normalise(image, pixels, i * preprocessor.size);
      const written = await writer.write(await writer.look(pixels), images.length, best);
      return written.map((captions) => ({
        kind: 'captioner',
        captions: captions.map(({ text, words, wordLogProbabilities, logProbability, ended, attention }) => ({
          caption: text,
          words: trained.vocabulary.decode(words),
          wordLogProbabilities,
          logProbability,
          ended,
          ...(attention && { attention }),
        })),
      }));
    },
  };
}
