// Runs one packaged function in a process of its own, the way Lambda does: one event after the other.
// Plain CommonJS that requires nothing, so that a start loads what the function loads and nothing before it.
//
//   node runner.cjs first <bundle> <event.json>    one start: writes the ms from load to first answer to fd 3
//   node runner.cjs serve <bundle> <event.json>    over IPC: { calls } → { latencies, errors, cpuMs }
//   node runner.cjs batches <bundle>               over IPC: { events } → { latencies, errors, cpuMs, memory }

/** The context of an invocation. */
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

/** Between two calls, in ms. */
const PAUSE_MS = 1;

const [, , mode, bundle, eventFile] = process.argv;

async function first() {
  const { readFileSync, writeSync } = require('node:fs');
  const event = JSON.parse(readFileSync(eventFile, 'utf8'));
  const startedAt = performance.now();
  const { handler } = require(bundle);
  const loadedAt = performance.now();
  const { statusCode } = await handler(event, CONTEXT);
  const answeredAt = performance.now();
  writeSync(
    3,
    JSON.stringify({ loadMs: loadedAt - startedAt, firstMs: answeredAt - startedAt, status: statusCode }),
  );
  process.exit(0);
}

function serve() {
  const { setTimeout } = require('node:timers/promises');
  const event = JSON.parse(require('node:fs').readFileSync(eventFile, 'utf8'));
  const { handler } = require(bundle);
  process.on('message', async ({ calls }) => {
    const latencies = new Array(calls);
    let errors = 0;
    const cpu = process.cpuUsage();
    for (let call = 0; call < calls; call += 1) {
      // Back to back, the next call would find the queue's process still awake, the sooner the shorter the call was.
      await setTimeout(PAUSE_MS);
      const startedAt = performance.now();
      // A function that is not behind the gateway may answer nothing.
      const { statusCode } = (await handler(event, CONTEXT)) ?? {};
      latencies[call] = performance.now() - startedAt;
      if (statusCode !== 200) errors += 1;
    }
    const { user, system } = process.cpuUsage(cpu);
    process.send({ latencies, errors, cpuMs: (user + system) / 1000 });
  });
}

function batches() {
  const { handler } = require(bundle);
  process.on('message', async ({ events }) => {
    const latencies = [];
    let errors = 0;
    const cpu = process.cpuUsage();
    for (const event of events) {
      const startedAt = performance.now();
      const { batchItemFailures } = await handler(event, CONTEXT);
      latencies.push(performance.now() - startedAt);
      errors += batchItemFailures.length;
    }
    const { user, system } = process.cpuUsage(cpu);
    globalThis.gc?.();
    process.send({
      latencies,
      errors,
      cpuMs: (user + system) / 1000,
      memory: process.memoryUsage(),
      largestBytes: process.resourceUsage().maxRSS * 1024,
    });
  });
}

if (mode === 'first') first();
else if (mode === 'serve') serve();
else batches();
