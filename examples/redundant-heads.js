// Trains four attention heads on a task that needs fewer, and finds the redundant ones: the rank of each head's A = W_Q·W_Kᵀ, how
// far it is from the nearest other head's, and how many answers are right without the head. Fails when the task is not
// learned, or when no head, or each, can be done without.
//
//     npm run setup && node examples/redundant-heads.js
import {
  adamW,
  buildStep,
  crossEntropy,
  Embedding,
  examineHeads,
  headsOf,
  InferenceModel,
  initialParameters,
  Linear,
  Module,
  MultiheadSelfAttention,
  ops,
  TrainingStep,
  tensor,
} from 'legenda';
import { nodeRuntime } from 'legenda/node';

const [words, length, size, heads, batch, steps] = [8, 10, 16, 4, 64, 500];

/** Says, at every place of a sequence, which word stood before. */
class WordBefore extends Module {
  word = new Embedding(words, size);
  place = new Embedding(length, size);
  attention = new MultiheadSelfAttention(size, heads, { batchFirst: true, causal: true });
  output = new Linear(size, words);

  forward(sequences, trace) {
    const places = ops.constant(sequences, tensor('int64', [length], [...Array(length).keys()]));
    const seen = ops.add(this.word.call(sequences, trace), this.place.call(places, trace));
    const { output } = this.attention.call(seen, trace);
    return ops.reshape(this.output.call(output, trace), [batch * length, words]);
  }
}

let state = 1;
const random = (below) => {
  state = (state * 16807) % 2147483647;
  return state % below;
};

/** Random sequences; the first place has no word before it, and its answer does not count. */
function draw() {
  const sequences = Array.from({ length: batch }, () => Array.from({ length }, () => random(words)));
  const before = sequences.flatMap((sequence) => [-1, ...sequence.slice(0, -1)]);
  return {
    sequences: tensor('int64', [batch, length], sequences.flat()),
    before: tensor('int64', [batch * length], before),
  };
}

const model = new WordBefore();
const definition = buildStep({
  model,
  inputs: {
    sequences: { dtype: 'int64', shape: [batch, length] },
    before: { dtype: 'int64', shape: [batch * length] },
  },
  loss: (network, { sequences, before }, trace) => ({
    loss: crossEntropy(network.call(sequences, trace), before, { ignoreIndex: -1 }),
  }),
  optimiser: adamW({ weightDecay: 0.1 }),
});
const runtime = nodeRuntime({ threads: 1 });
const step = await TrainingStep.compile(runtime, definition, initialParameters(model, 1), 1);
for (let i = 0; i < steps; i++) await step.run(i, 0.01 * (1 - i / steps), draw());
const trained = await step.state();

const inference = await InferenceModel.compile(runtime, model, { dtype: 'int64', shape: [batch, length] });
const test = draw();
async function accuracy(parameters) {
  const { data } = await inference.run(test.sequences, parameters);
  let [right, asked] = [0, 0];
  for (const [row, answer] of [...test.before.data].entries()) {
    if (answer < 0n) continue;
    const scores = data.subarray(row * words, (row + 1) * words);
    asked++;
    if (scores.indexOf(Math.max(...scores)) === Number(answer)) right++;
  }
  return right / asked;
}

/** The parameters without what one head, or several, adds to the output. */
function without(...gone) {
  const name = 'attention.out_proj.weight';
  const { shape, data } = trained.get(name);
  const kept = data.map((value, i) => (gone.includes(Math.floor((i % size) / (size / heads))) ? 0 : value));
  return new Map([...trained, [name, tensor('float32', shape, kept)]]);
}

const weight = trained.get('attention.in_proj_weight');
const tensors = new Map([['in_proj_weight', { shape: weight.shape, read: () => weight }]]);
const found = examineHeads(headsOf(tensors, { heads, rows: 'outputs' }).heads, { length, seed: 1 });
const whole = await accuracy(trained);
const redundant = [];
console.log(`accuracy with all heads: ${whole.toFixed(3)}`);
for (const [head, { scores }] of found.heads.entries()) {
  const others = found.pairs.filter((pair) => pair.heads.includes(head));
  const nearest = others.reduce((a, b) => (b.distance < a.distance ? b : a));
  const left = await accuracy(without(...redundant, head));
  if (left > whole - 0.01) redundant.push(head);
  const [largest] = scores.singularValues;
  console.log(
    `head ${head}: singular values ${scores.singularValues.map((value) => value.toFixed(2)).join(' ')}` +
      ` (${scores.singularValues.filter((value) => value > largest / 10).length} above a tenth of the first),` +
      ` ${nearest.distance.toFixed(2)} from head ${nearest.heads.find((other) => other !== head)},` +
      ` accuracy without it ${left.toFixed(3)}${redundant.includes(head) ? ': redundant, left out from here on' : ''}`,
  );
}
if (whole < 0.95 || redundant.length === 0 || redundant.length === heads) process.exit(1);
