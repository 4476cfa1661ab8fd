/** The folders of `lib/` in the order of a callback's way: each may import those before it, and those beside it one way. */
const LAYERS = [
  ['callback', 'platform'],
  ['vendors', 'receive', 'queue'],
  ['consume', 'ledger'],
  ['attention'],
  ['query', 'write', 'changes', 'webhook', 'page', 'lookup'],
];

const folders = (layers) => `^lib/(${layers.flat().join('|')})/`;

const order = LAYERS.slice(0, -1).map((layer, index) => ({
  name: `lib-order-${layer.join('-')}`,
  comment: 'Imports go to the left or down in the picture of docs/architecture.md.',
  severity: 'error',
  from: { path: folders(layer) },
  to: { path: folders(LAYERS.slice(index + 1)) },
}));

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-folder-circle', severity: 'error', scope: 'folder', from: {}, to: { circular: true } },
    ...order,
    {
      name: 'lib-folders',
      comment: 'Every file of lib/ is in a folder that LAYERS names.',
      severity: 'error',
      from: {},
      to: { path: '^lib/', pathNot: folders(LAYERS) },
    },
    {
      name: 'lib-is-the-base',
      comment: 'What is deployed needs nothing of what builds, runs or tests it.',
      severity: 'error',
      from: { path: '^(lib|handlers)/' },
      to: { path: '^(build|cli|library|stack|demo|bench|test|docs|infrastructure|rehearsal)/' },
    },
    {
      name: 'lib-is-deployed',
      comment: 'Every file of lib/ is part of a function, except samples and what consoles call things.',
      severity: 'error',
      from: { path: '^handlers/' },
      to: {
        path: '^lib/',
        pathNot: '^lib/vendors/.*(sample|console)|[.]d[.]ts$',
        reachable: false,
      },
    },
  ],
  options: {
    // Knows TypeScript, and sees type imports too.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // The parser does not know `using`.
    exclude: { path: '^test/support/log-file' },
    enhancedResolveOptions: { extensions: ['.ts', '.cjs', '.js', '.json'] },
  },
};
