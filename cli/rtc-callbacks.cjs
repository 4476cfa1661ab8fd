#!/usr/bin/env node
// Runs the command-line tool on the Node.js that is installed with the project: it is TypeScript, and the machine's
// own Node.js may be older. Plain JavaScript that any Node.js understands.
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

const main = join(__dirname, 'main.ts');

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Most of a command's time is compiling what the last one has compiled already.
  enableCompileCache();
  import(require('node:url').pathToFileURL(main).href);
} else {
  const node = join(require.resolve('node/package.json'), '..', 'bin', 'node');
  const child = require('node:child_process').spawn(node, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // The child cleans up and decides how it ends. It takes a signal that comes twice, as Ctrl-C on a terminal, for one.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.removeAllListeners();
    if (signal !== null) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
}
