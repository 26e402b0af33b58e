// node scripts/architectures.js DIR: writes docs/ARCHITECTURES.md, of what scripts/architectures.py has written there. Each network is
// read, differentiated and computed; outputs and gradients are compared with PyTorch's.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine, today } from '../bench/machine.js';
import { writeFormatted } from '../bench/write.js';
import { gradients } from '../dist/autodiff/gradients.js';
import { readOnnx, tensor } from '../dist/index.js';
import { nodeRuntime, readOnnxFile } from '../dist/node.js';
import { constant, mul, reduceSum } from '../dist/ops/build.js';
import { optimiseForward, optimiseStep } from '../dist/passes/optimise.js';
import { compileGraph } from '../dist/runtime/compile.js';

/** Of the largest value. */
const tolerance = 1e-3;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('the folder that scripts/architectures.py wrote to is expected');
const runtime = nodeRuntime();

const floats = (path) => {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};

/** The largest difference, of the largest value. */
function distance(actual, expected) {
  let difference = 0;
  let largest = 0;
  for (const [i, value] of expected.entries()) {
    difference = Math.max(difference, Math.abs(actual[i] - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
}

/** The outputs and the gradient in the input of their sum, weighted with sines. */
function differentiated(graph, input) {
  const forward = optimiseForward(graph);
  const [[name, y]] = forward.outputs;
  const weights = Float32Array.from({ length: y.shape.reduce((size, length) => size * length, 1) }, (_, i) =>
    Math.sin(i),
  );
  const x = forward.inputs.find(({ source }) => source.name === input);
  const loss = reduceSum(mul(y, constant(y, tensor('float32', y.shape, weights))));
  const [gradient] = gradients(loss, [x]);
  forward.output('gradient', gradient);
  return { graph: optimiseStep(forward), x, y: name };
}

async function compare(path) {
  const about = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
  const { graph, inputs, parameters } = readOnnx(await readOnnxFile(path));
  const step = differentiated(graph, inputs[0]);
  const session = await compileGraph(runtime, step.graph);
  const [x, y, gradient] = ['x', 'y', 'gradient'].map((name) => floats(`${path}.${name}`));
  const found = [];
  for (let image = 0; image < about.images; image++) {
    const own = (all) => all.subarray((image * all.length) / about.images, ((image + 1) * all.length) / about.images);
    const feeds = { ...Object.fromEntries(parameters), [inputs[0]]: tensor('float32', step.x.shape, own(x)) };
    const results = await session.run(feeds, { [step.y]: true, gradient: true });
    found.push({ y: distance(results[step.y].data, own(y)), gradient: distance(results.gradient.data, own(gradient)) });
  }
  await session.release();
  const least = (name) => Math.min(...found.map((each) => each[name]));
  return { ...about, nodes: step.graph.nodes.length, y: least('y'), gradient: least('gradient') };
}

const rows = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.onnx'))) {
  const path = join(folder, file);
  if (!existsSync(`${path}.json`)) continue;
  try {
    rows.push(await compare(path));
  } catch (error) {
    rows.push({ ...JSON.parse(readFileSync(`${path}.json`, 'utf8')), refused: error.message });
  }
  const { name, exporter, y, gradient, refused } = rows.at(-1);
  console.log(name, exporter, refused ?? `${y.toExponential(1)} ${gradient.toExponential(1)}`);
}
rows.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.exporter < b.exporter ? 1 : -1));
const agrees = ({ y, gradient, rounding }) => y < tolerance && gradient < Math.max(tolerance, rounding ?? 0);
const cell = (row) => {
  if (row === undefined) return '';
  return row.refused === undefined ? `${row.y.toExponential(0)}, ${row.gradient.toExponential(0)}` : row.refused;
};
const names = [...new Set(rows.map(({ name }) => name))];
const of = (name, exporter) => rows.find((row) => row.name === name && row.exporter === exporter);
const { versions } = rows.find((row) => row.versions.transformers !== undefined) ?? rows[0];
const page = `# Architectures

Written by \`node scripts/architectures.js\` on ${today()}: ${machine()}; networks of
PyTorch ${versions.torch}, torchvision ${versions.torchvision}, timm ${versions.timm} and transformers ${versions.transformers} with random weights, exported by
\`scripts/architectures.py\`, two images each (embedded words or sounds where a network has these). ${rows.filter(agrees).length} of ${rows.length} files agree with PyTorch: output, and gradient in the image, within ${tolerance} of the largest
value, or the gradient within PyTorch's own rounding.

The numbers are the largest differences, of the largest value: of the output, and of the gradient. Each is the least of three pairs of
images: where rounding moves one element over a ReLU's corner or to another maximum of a pool, gradients differ over whole areas.
Rounding is how far PyTorch's gradient of one pair is from its own in double precision. TorchScript and dynamo are PyTorch's two exporters; empty is what was not exported so,
mostly because PyTorch cannot.

| network | parameters | nodes of a step | TorchScript | dynamo | rounding |
|---|---|---|---|---|---|
${names
  .map((name) => {
    const both = ['torchscript', 'dynamo'].map((exporter) => of(name, exporter));
    const { parameters, nodes = '', rounding } = both.find((row) => row !== undefined);
    return `| ${name} | ${(parameters / 1e6).toFixed(1)} M | ${nodes} | ${both.map(cell).join(' | ')} | ${rounding?.toExponential(0) ?? ''} |`;
  })
  .join('\n')}
`;
writeFormatted('../docs/ARCHITECTURES.md', page);
