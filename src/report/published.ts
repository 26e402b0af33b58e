/**
 * What the university report of January 2022 on deep learning (master's level, three students, PyTorch) printed. Its rows
 * for the Fashion-MNIST classifier: 15 epochs, batch 8, SGD without momentum, dropout 0.3, 50,000 training images.
 */

/** Numbers of one row; the training loss is the mean over every step since the start, all epochs together. */
export interface Published {
  readonly trainingLoss: number;
  readonly validationAccuracy: number;
  readonly testAccuracy: number;
}

export const publishedRates: readonly (Published & { readonly learningRate: number })[] = [
  { learningRate: 0.01, trainingLoss: 0.3268, validationAccuracy: 0.9111, testAccuracy: 0.906 },
  { learningRate: 0.001, trainingLoss: 0.6465, validationAccuracy: 0.8572, testAccuracy: 0.8517 },
  { learningRate: 0.1, trainingLoss: 0.2542, validationAccuracy: 0.9016, testAccuracy: 0.8986 },
];

/** Rows of its caption decoders, on Sydney-Captions: the last training loss, and BLEU-4 on validation and test. */
export interface PublishedCaptioner {
  readonly trainingLoss: number;
  readonly validationBleu4: number;
  readonly testBleu4: number;
}

export const publishedCaptioners: Readonly<Record<string, PublishedCaptioner>> = {
  captioner: { trainingLoss: 0.8908, validationBleu4: 0.4921, testBleu4: 0.515 },
  'captioner-attention': { trainingLoss: 0.842, validationBleu4: 0.5283, testBleu4: 0.5349 },
};

export const publishedEpochs = 15;

export const publishedSizes = { train: 50_000, validation: 10_000, test: 10_000 } as const;

/** Parameters by recipe: the two networks of experiment 1 and the classifier of experiment 3. */
export const publishedParameters: Readonly<Record<string, number>> = {
  'conv-pool-linear': 10_298,
  mlp: 236_310,
  'fashion-cnn': 769_930,
};
