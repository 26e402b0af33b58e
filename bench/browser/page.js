// One contestant a page. Each is begun with a batch size and gives its version and a step that resolves with the loss.
const contestants = {
  legenda: () => import('./legenda.js'),
  tfjs: () => import('./tfjs.js'),
  jaxjs: () => import('./jax-js.js'),
};

let step;

globalThis.begin = async (name, ...settings) => {
  const { begin } = await contestants[name]();
  const begun = await begin(...settings);
  step = begun.step;
  return begun.version;
};

/** Times of so many steps, in milliseconds. */
globalThis.run = async (steps) => {
  const times = [];
  for (let i = 0; i < steps; i++) {
    const began = performance.now();
    const loss = await step(i);
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
    times.push(performance.now() - began);
  }
  return times;
};
