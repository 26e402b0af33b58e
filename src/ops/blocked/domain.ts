/** ONNX Runtime's own domain for what its CPU kernels compute in blocks of channels. */
export const blockedDomain = 'com.microsoft.nchwc';

/** What ops of that domain have in common: only a graph's last form has them. */
export const onlyInLastForm = {
  read: (): never => {
    throw new Error('no file is read with images in blocks');
  },
  vjp: 'it is written after a step is differentiated',
  cases: [],
};
