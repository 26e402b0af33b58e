/** Where a graph is computed: what form of it is best depends on that. */
export type Device = 'cpu' | 'webgpu' | 'cuda';
