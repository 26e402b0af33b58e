import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: './',
  resolve: {
    alias: [
      { find: /^legenda\/web$/, replacement: at('../../dist/web.js') },
      { find: /^legenda$/, replacement: at('../../dist/index.js') },
      { find: /^@tensorflow\/tfjs$/, replacement: at('../peers/node_modules/@tensorflow/tfjs') },
      { find: /^@jax-js\/jax$/, replacement: at('../peers/node_modules/@jax-js/jax') },
    ],
  },
  build: { target: 'esnext' },
});
