import { ReLU } from '../nn/activation.js';
import { BatchNorm2d } from '../nn/batch-norm2d.js';
import { Conv2d } from '../nn/conv2d.js';
import { CoordinateChannels } from '../nn/coordinate-channels.js';
import { Sequential } from '../nn/sequential.js';

/**
 * Small pictures → feature maps of an eighth of their sides, for an encoder that is trained together with its decoder:
 * [N, 3, s, s] → [N, channels[2], s/8, s/8]. Features say what is in a region and where the region is.
 * @param channels after the first, second, and the last two convolutions
 */
export const smallEncoder = (channels: readonly [number, number, number]): Sequential => {
  const [first, second, third] = channels;
  // a bias before normalisation would be taken away by it
  const conv = (from: number, to: number, size: number, stride: number) =>
    new Conv2d(from, to, size, { stride, padding: Math.floor(size / 2), bias: false });
  return new Sequential({
    conv1: conv(3, first, 5, 2), // (N, first, s/2, s/2)
    norm1: new BatchNorm2d(first),
    relu1: new ReLU(),
    conv2: conv(first, second, 3, 2), // (N, second, s/4, s/4)
    norm2: new BatchNorm2d(second),
    relu2: new ReLU(),
    conv3: conv(second, third, 3, 2), // (N, third, s/8, s/8)
    norm3: new BatchNorm2d(third),
    relu3: new ReLU(),
    place: new CoordinateChannels(), // (N, third + 2, s/8, s/8)
    conv4: conv(third + 2, third, 3, 1), // (N, third, s/8, s/8)
    norm4: new BatchNorm2d(third),
    relu4: new ReLU(),
  });
};
