// The page: it starts the worker that trains, draws what it hears from it, and stays responsive all the while.
import { drawCurve, drawFilters } from './drawing.js';

const element = (id) => document.getElementById(id);
const status = (text) => {
  element('status').textContent = text;
};

let worker;
let losses = [];
let steps = 1;

const draw = () => drawCurve(element('curve'), losses, steps);
draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

/** What the worker says, by type. */
const heard = {
  loading: () => status('Fetching images …'),
  ready({ runtime, images, steps: count }) {
    steps = count;
    status(`Training on ${images.toLocaleString()} images: ${runtime}.`);
  },
  progress({ losses: more, weights, side, stepsPerSecond }) {
    losses.push(...more);
    draw();
    drawFilters(element('filters'), weights, side);
    status(`Loss ${losses.at(-1).toFixed(3)}, ${Math.round(stepsPerSecond)} steps a second.`);
  },
  trained({ accuracy, seconds, model, stopped }) {
    const share = `${(100 * accuracy).toFixed(1)} % of the test images are right`;
    status(`${stopped ? 'Stopped' : 'Done'} after ${losses.length} steps and ${seconds.toFixed(0)} s: ${share}.`);
    const link = element('save');
    if (link.href.startsWith('blob:')) URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([model], { type: 'application/octet-stream' }));
    link.hidden = false;
    end();
  },
  failed({ message }) {
    status(`It does not work: ${message}`);
    end();
  },
};

element('settings').addEventListener('submit', (event) => {
  event.preventDefault();
  const { device, ...numbers } = Object.fromEntries(new FormData(event.target));
  const [lr, batch, epochs] = ['lr', 'batch', 'epochs'].map((name) => Number(numbers[name]));
  losses = [];
  worker = new Worker(new URL('./training.js', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }) => heard[data.type](data));
  worker.addEventListener('error', ({ message }) => heard.failed({ message }));
  worker.postMessage({
    type: 'train',
    data: new URL('fashion-mnist.safetensors', document.baseURI).href,
    device,
    lr,
    batch,
    epochs,
  });
  element('train').disabled = true;
  element('stop').disabled = false;
  element('save').hidden = true;
});

element('stop').addEventListener('click', () => worker?.postMessage({ type: 'stop' }));

/** With the worker goes all of its memory. */
function end() {
  worker?.terminate();
  worker = undefined;
  element('train').disabled = false;
  element('stop').disabled = true;
}
