import { fashionMnistClasses } from '../../data/fashion-mnist-classes.js';
import { ClassifierInput } from '../../recipes/classifier-input.js';
import type { TrainedModel } from '../../recipes/open-run.js';
import type { Runtime } from '../../runtime/session.js';
import { tensor } from '../../tensor/tensor.js';
import { InferenceModel } from '../../train/inference.js';

/** What a tile is likeliest of. */
export interface TileClass {
  readonly class: string;
  readonly classProbability: number;
}

/** Says of tiles what class they are of. */
export class TileClassifier implements AsyncDisposable {
  readonly input: ClassifierInput;
  readonly #trained: TrainedModel;
  readonly #batch: number;
  readonly #model: InferenceModel;

  private constructor(input: ClassifierInput, trained: TrainedModel, batch: number, model: InferenceModel) {
    this.input = input;
    this.#trained = trained;
    this.#batch = batch;
    this.#model = model;
  }

  /** @throws LegendaError when the classifier takes images that no file is like */
  static async open(trained: TrainedModel, runtime: Runtime, batch: number): Promise<TileClassifier> {
    const { model, recipe, configuration } = trained;
    const input = new ClassifierInput({ image: recipe.image, pixelScale: configuration.pixelScale });
    const shape = [batch, ...recipe.image];
    return new TileClassifier(
      input,
      trained,
      batch,
      await InferenceModel.compile(runtime, model, { dtype: 'float32', shape }),
    );
  }

  /** @param pixels of a batch, as `input` normalises them */
  async classify(pixels: Float32Array): Promise<TileClass[]> {
    const { recipe, parameters } = this.#trained;
    const { data } = await this.#model.run(tensor('float32', [this.#batch, ...recipe.image], pixels), parameters);
    const classes = fashionMnistClasses.length;
    return Array.from({ length: this.#batch }, (_, i) => {
      // every classifier ends in logarithms of probabilities
      const own = (data as Float32Array).subarray(i * classes, (i + 1) * classes);
      const best = own.indexOf(Math.max(...own));
      return { class: fashionMnistClasses[best]!, classProbability: Math.exp(own[best]!) };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model[Symbol.asyncDispose]();
  }
}
