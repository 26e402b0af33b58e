/**
 * What needs a browser: ONNX Runtime in WebAssembly or WebGPU. Install `onnxruntime-web` beside Legenda for it.
 * @packageDocumentation
 */
export { openWebRuntime, type WebRuntimeOptions } from './runtime/web.js';
