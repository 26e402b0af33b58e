import { fashionMnistClasses } from '../../data/fashion-mnist-classes.js';
import { ClassifierInput } from '../../recipes/classifier-input.js';
import { openTrained } from '../../recipes/open-run.js';
import type { Runtime } from '../../runtime/session.js';
import { tensor } from '../../tensor/tensor.js';
import { InferenceModel } from '../../train/inference.js';
import { BySize } from './by-size.js';
import type { Model } from './model.js';
import type { ModelSettings } from './protocol.js';

/** Opens a run that says what class images are of. */
export async function openServedClassifier(settings: ModelSettings, runtime: Runtime): Promise<Model> {
  const { model, recipe, record, configuration, parameters, step } = await openTrained(
    settings.dir,
    settings.checkpoint,
  );
  const { batch } = settings;
  const models = await BySize.open(batch, (size) =>
    InferenceModel.compile(runtime, model, { dtype: 'float32', shape: [size, ...recipe.image] }),
  );
  const taken = { image: recipe.image, pixelScale: configuration.pixelScale };
  const input = new ClassifierInput(taken);
  return {
    description: { kind: 'classifier', recipe: record.recipe, step, batch, taken, classes: fashionMnistClasses },
    async answer(images) {
      const { size, compiled } = models.for(images.length);
      const pixels = new Float32Array(size * input.size);
      for (const [i, image] of images.entries()) input.normalise(image, pixels, i * input.size);
      const { data } = await compiled.run(tensor('float32', [size, ...recipe.image], pixels), parameters);
      const classes = fashionMnistClasses.length;
      return images.map((_, i) => ({
        kind: 'classifier',
        // every classifier ends in their logarithms
        probabilities: (data as Float32Array).subarray(i * classes, (i + 1) * classes).map(Math.exp),
      }));
    },
  };
}
