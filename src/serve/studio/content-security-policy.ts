/** What the page may do, by directive: nothing of others is loaded, run or asked. */
export const directives = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
  styleSrc: ["'self'"],
  // figures place their texts by style attributes
  styleSrcAttr: ["'unsafe-inline'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  connectSrc: ["'self'", 'data:', 'blob:'],
  workerSrc: ["'self'", 'blob:'],
  formAction: ["'self'"],
  baseUri: ["'none'"],
};

/** The same as text, for a page that no server of ours answers. */
export const contentSecurityPolicy = Object.entries(directives)
  .map(([name, sources]) => `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`)
  .join('; ');
