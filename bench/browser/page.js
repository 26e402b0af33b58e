// One contestant a page. Each is begun with a batch size and gives its version, a step that resolves with
// the loss, and how many training steps that is.
const contestants = {
  legenda: () => import('./legenda.js'),
  tfjs: () => import('./tfjs.js'),
  jaxjs: () => import('./jax-js.js'),
};

let step;
let atOnce = 1;

globalThis.begin = async (name, ...settings) => {
  const { begin } = await contestants[name]();
  const begun = await begin(...settings);
  ({ step, atOnce = 1 } = begun);
  return begun.version;
};

/** Times of so many steps or a few more, in milliseconds. */
globalThis.run = async (steps) => {
  const times = [];
  for (let i = 0; i < steps; i += atOnce) {
    const began = performance.now();
    const loss = await step(i);
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
    times.push((performance.now() - began) / atOnce);
  }
  return times;
};
