// Networks that are often fine-tuned, as their ONNX files have them: batch normalisations within the convolutions.
import { Conv2d, Linear, LogSoftmax, MaxPool2d, Module, ReLU, Sequential } from '../../dist/index.js';
import { add, clip, concat, reduceMean } from '../../dist/ops/build.js';

class Relu6 extends Module {
  forward(x) {
    return clip(x, 0, 6);
  }
}

const convolution = (from, to, kernel, { stride = 1, groups = 1, padding = Math.floor(kernel / 2) } = {}) =>
  new Conv2d(from, to, kernel, { stride, groups, padding });

/** Sandler et al., 2018. */
class InvertedResidual extends Module {
  constructor(from, to, stride, expansion) {
    super();
    const wide = from * expansion;
    this.layers = new Sequential([
      ...(expansion === 1 ? [] : [convolution(from, wide, 1), new Relu6()]),
      convolution(wide, wide, 3, { stride, groups: wide }),
      new Relu6(),
      convolution(wide, to, 1),
    ]);
    this.adds = stride === 1 && from === to;
  }

  forward(x, trace) {
    const y = this.layers.call(x, trace);
    return this.adds ? add(x, y) : y;
  }
}

function mobilenetV2() {
  const layers = [convolution(3, 32, 3, { stride: 2 }), new Relu6()];
  let from = 32;
  for (const [expansion, to, count, stride] of [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ]) {
    for (let i = 0; i < count; i++) {
      layers.push(new InvertedResidual(from, to, i === 0 ? stride : 1, expansion));
      from = to;
    }
  }
  return { layers: new Sequential([...layers, convolution(from, 1280, 1), new Relu6()]), features: 1280 };
}

/** He et al., 2015. */
class Residual extends Module {
  constructor(from, to, stride) {
    super();
    this.layers = new Sequential([convolution(from, to, 3, { stride }), new ReLU(), convolution(to, to, 3)]);
    this.shortcut = stride === 1 && from === to ? undefined : convolution(from, to, 1, { stride });
    this.relu = new ReLU();
  }

  forward(x, trace) {
    const y = this.layers.call(x, trace);
    return this.relu.call(add(this.shortcut?.call(x, trace) ?? x, y), trace);
  }
}

function resnet18() {
  const layers = [convolution(3, 64, 7, { stride: 2 }), new ReLU(), new MaxPool2d(3, { stride: 2, padding: 1 })];
  let from = 64;
  for (const to of [64, 128, 256, 512]) {
    layers.push(new Residual(from, to, from === to ? 1 : 2), new Residual(to, to, 1));
    from = to;
  }
  return { layers: new Sequential(layers), features: 512 };
}

/** Iandola et al., 2016. */
class Fire extends Module {
  constructor(from, squeezed, to) {
    super();
    this.squeeze = convolution(from, squeezed, 1);
    this.expand1 = convolution(squeezed, to / 2, 1);
    this.expand3 = convolution(squeezed, to / 2, 3);
    this.relu = new ReLU();
  }

  forward(x, trace) {
    const relu = (y) => this.relu.call(y, trace);
    const squeezed = relu(this.squeeze.call(x, trace));
    return concat([relu(this.expand1.call(squeezed, trace)), relu(this.expand3.call(squeezed, trace))], 1);
  }
}

function squeezenet() {
  const pool = () => new MaxPool2d(3, { stride: 2 });
  const layers = [
    [convolution(3, 64, 3, { stride: 2, padding: 0 }), new ReLU(), pool()],
    [new Fire(64, 16, 128), new Fire(128, 16, 128), pool()],
    [new Fire(128, 32, 256), new Fire(256, 32, 256), pool()],
    [new Fire(256, 48, 384), new Fire(384, 48, 384), new Fire(384, 64, 512), new Fire(512, 64, 512)],
  ];
  return { layers: new Sequential(layers.flat()), features: 512 };
}

const networks = { MobileNetV2: mobilenetV2, 'ResNet-18': resnet18, 'SqueezeNet 1.1': squeezenet };

/** The means of a network's features over all places, and a new layer for ten classes after them. */
export class FineTuned extends Module {
  constructor(name) {
    super();
    if (!Object.hasOwn(networks, name))
      throw new Error(`there is no network "${name}"; there are ${Object.keys(networks).join(', ')}`);
    const { layers, features } = networks[name]();
    this.layers = layers;
    this.head = new Linear(features, 10);
    this.logSoftmax = new LogSoftmax();
  }

  forward(x, trace) {
    const features = reduceMean(this.layers.call(x, trace), { axes: [2, 3] });
    return this.logSoftmax.call(this.head.call(features, trace), trace);
  }
}
