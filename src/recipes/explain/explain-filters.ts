import type { ExplanationFile } from '../../explain/explanation-file.js';
import { type ConvolutionWeights, convolutionsIn, kernelOf } from '../../explain/filters/filters.js';
import { selectivitiesOf } from '../../explain/filters/orientation.js';
import { mosaic, pngUri, signedPicture } from '../../explain/pictures.js';
import { bootstrapInterval } from '../../metrics/bootstrap.js';
import { meanOf } from '../../metrics/spread.js';
import { initialParameters } from '../../nn/module.js';
import type { TrainedModel } from '../open-run.js';

/** Filters and input channels that are drawn of a layer, at most. */
const mostDrawn = 64;

/** The filters of every convolution, all input channels, beside those that the training began from. */
export async function explainFilters({ model, parameters, record }: TrainedModel): Promise<ExplanationFile['filters']> {
  const drawn = record.weights === undefined ? convolutionsIn(initialParameters(model, record.seed)) : [];
  const initial = new Map(drawn.map((weights) => [weights.layer, weights]));
  return Promise.all(
    convolutionsIn(parameters).map(async (weights) => {
      const [filters, channels] = weights.shape as [number, number];
      const shown = [Math.min(filters, mostDrawn), Math.min(channels, mostDrawn)] as const;
      const picture = allKernels(weights, shown);
      return {
        layer: weights.layer,
        filters,
        channels,
        picture: await pngUri(picture),
        drawn: shown,
        aspect: picture.height / picture.width,
        orientation: orientationOf(weights, initial.get(weights.layer)),
      };
    }),
  );
}

/** A filter's channels one below the other, filters side by side; each filter has a scale of its own. */
function allKernels(weights: ConvolutionWeights, [filters, channels]: readonly [number, number]) {
  const [height, width] = weights.shape.slice(2) as [number, number];
  const columns = Array.from({ length: filters }, (_, filter) => {
    const kernels = Array.from({ length: channels }, (_, channel) => kernelOf(weights, filter, channel).flat());
    const whole = signedPicture(kernels.flat(), channels * height, width);
    const size = height * width;
    return kernels.map((_, i) => ({ ...whole, height, pixels: whole.pixels.subarray(i * size, (i + 1) * size) }));
  });
  const byRow = Array.from({ length: channels }, (_, channel) => columns.map((column) => column[channel]!)).flat();
  return mosaic(byRow, filters);
}

function orientationOf(trained: ConvolutionWeights, initial: ConvolutionWeights | undefined) {
  const after = byFilter(trained);
  if (initial === undefined) return { trained: meanWithInterval(after) };
  const before = byFilter(initial);
  return {
    trained: meanWithInterval(after),
    initial: meanWithInterval(before),
    // each is compared with what it was
    change: meanWithInterval(after.map((value, i) => value - before[i]!)),
  };
}

/** Each filter's mean over its input channels: those of one filter were trained together, and are no independent samples. */
function byFilter(weights: ConvolutionWeights): number[] {
  const [filters, channels] = weights.shape as [number, number];
  const all = selectivitiesOf(weights);
  return Array.from({ length: filters }, (_, filter) => {
    return meanOf(all.slice(filter * channels, (filter + 1) * channels));
  });
}

function meanWithInterval(values: readonly number[]) {
  const interval = bootstrapInterval(values.length, (items) => meanOf(Array.from(items, (item) => values[item]!)));
  return { value: meanOf(values), interval };
}
