// Steps of `fashion-cnn` in TensorFlow.js; the protocol of serve.js.
import { createRequire } from 'node:module';
import { fashionCnnIn } from './fashion-cnn-in-tfjs.js';
import { serve } from './serve.js';

const tf = createRequire(new URL('../peers/package.json', import.meta.url))('@tensorflow/tfjs');
const { version, step } = await fashionCnnIn(tf, Number(process.argv[2]));
await serve(version, step);
