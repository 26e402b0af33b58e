import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const built = (name) => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));

/** The bundled sample of Fashion-MNIST beside the page, for trainings in it; browsers read its compressed files themselves. */
const sample = () => ({
  name: 'legenda-sample',
  generateBundle() {
    const folder = new URL('../../data/fashion-mnist-sample/', import.meta.url);
    for (const name of readdirSync(folder).filter((file) => file.endsWith('-ubyte.gz')))
      this.emitFile({
        type: 'asset',
        fileName: `data/${name.replace('.gz', '.bin')}`,
        source: readFileSync(new URL(name, folder)),
      });
  },
});

/** The page that `legenda studio` serves, on what the package exports. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [svelte(), sample()],
  resolve: {
    alias: [
      { find: /^legenda\/(web|figures)$/, replacement: fileURLToPath(new URL('../../dist/$1.js', import.meta.url)) },
      { find: /^legenda$/, replacement: built('index') },
      // its module is the whole of it in one; of its sources only what is used comes into the page
      {
        find: /^ml-matrix$/,
        replacement: fileURLToPath(new URL('../../node_modules/ml-matrix/src/index.js', import.meta.url)),
      },
      // WebAssembly is what every browser has; the build for graphics processors would double the package
      { find: 'onnxruntime-web/webgpu', replacement: 'onnxruntime-web/wasm' },
    ],
  },
  build: {
    target: 'es2022',
    outDir: fileURLToPath(new URL('../../dist/studio', import.meta.url)),
    emptyOutDir: true,
    chunkSizeWarningLimit: 1024,
    // of what is bundled: it is published with the package
    license: { fileName: 'licenses.md' },
    // what a strict content security policy would refuse
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
});
