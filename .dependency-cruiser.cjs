/** Inside src/, imports point only upward in this list: a folder knows those before it, never those after it. */
const layers = [
  'tensor',
  'graph',
  'ops',
  'autodiff',
  'passes',
  'onnx',
  'runtime',
  'nn',
  'optim',
  'text',
  'data',
  'metrics',
  'models',
  'decode',
  'train',
  'encode',
  'explain',
  'recipes',
  'bench',
  'report',
  'archive',
  'queue',
  'serve',
  'cli',
];

const tests = '\\.(test|bench)\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layers.slice(0, -1).map((layer, i) => ({
      name: `layer-${layer}`,
      comment: `src/${layer} may import only what stands before it in the list of layers`,
      severity: 'error',
      from: { path: `^src/${layer}/`, pathNot: tests },
      to: { path: `^src/(${layers.slice(i + 1).join('|')})/` },
    })),
    {
      name: 'known-folder',
      comment: 'a new folder of src/ needs its place in the list of layers',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/[^/]+/', pathNot: `^src/(${layers.join('|')})/` },
    },
    {
      name: 'roots-import-nothing',
      comment: 'errors.ts, files.ts and json.ts serve every folder and so know none',
      severity: 'error',
      from: { path: '^src/(errors|files|json)\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(errors|files)\\.ts$' },
    },
    {
      name: 'entries-are-not-imported',
      comment: 'index.ts and node.ts are what users import; inside, import from the file that has it',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/(index|node)\\.ts$' },
    },
    {
      name: 'one-file-a-runtime',
      comment: 'ONNX Runtime is imported in one file a platform',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/runtime/(node|web)\\.ts$' },
      to: { path: 'node_modules/onnxruntime-', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'commands-start-quickly',
      comment: 'a command imports the rest of the program inside its action, with import(): --help must answer at once',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: tests },
      to: {
        path: '^src/',
        pathNot: '^src/(cli/|errors\\.ts$)',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-circles',
      comment: 'files that import each other (types aside) depend on the order in which they are loaded',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'what the package imports must be installed with it',
      severity: 'error',
      // who computes in browsers installs onnxruntime-web (an optional peer)
      from: { path: '^src/', pathNot: [tests, '^src/runtime/web\\.ts$'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
