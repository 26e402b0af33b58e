import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const built = (name) => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));

/** Threads need a page that is isolated from those of other origins. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  // In a project of yours these lines go: there `npm install legenda onnxruntime-web` is enough.
  resolve: {
    alias: [
      { find: /^legenda\/web$/, replacement: built('web') },
      { find: /^legenda$/, replacement: built('index') },
    ],
  },
  build: { target: 'esnext' },
  worker: { format: 'es' },
  server: { headers },
  preview: { headers },
});
