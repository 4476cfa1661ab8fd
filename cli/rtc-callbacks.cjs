#!/usr/bin/env node
// Runs the command-line tool: as it is compiled in the npm package, or in this project in TypeScript on the Node.js that
// is installed with it, as the machine's own may be older. Plain JavaScript that any Node.js understands.
const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const source = join(__dirname, 'main.ts');
const version = Number(process.versions.node.split('.')[0]);

if (!existsSync(source)) {
  if (version >= 22) run(join(__dirname, '../dist/cli.js'));
  else {
    console.error(`rtc-callbacks needs Node.js 22 or newer; this is ${process.version}.`);
    process.exitCode = 1;
  }
} else if (version >= 24) run(source);
else runOnInstalledNode(source);

function run(main) {
  // Most of a command's time is compiling what the last one has compiled already.
  enableCompileCache();
  import(pathToFileURL(main).href);
}

function runOnInstalledNode(main) {
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
