import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SignedCallback } from '../lib/vendors/common/sample.ts';
import type { Percentiles } from './statistics.ts';

/** Fetched by npm when it is first needed: it is too large to be a dependency of everyone who runs the tests. */
const ARTILLERY = 'artillery@2.0.34';

/** A request to send: the path with the callback. */
export interface Planned {
  path: string;
  callback: SignedCallback;
}

/** What came of a schedule. */
export interface Load {
  /** Requests sent: the first of those that were planned. */
  sent: number;
  /** Answers other than 200, and none. */
  errors: number;
  /** From the sending to the first byte of the answer, in ms. */
  latencies: Percentiles;
}

/**
 * Sends planned requests with Artillery, open-loop: as many a second as `perSecond` says, whatever became of those before.
 * Files go into `directory`. Rejects with what Artillery printed when it fails or cannot be fetched.
 * https://www.artillery.io/docs/reference/test-script#load-phases
 */
export async function sendOnSchedule(
  url: string,
  planned: readonly Planned[],
  { perSecond, seconds, directory }: { perSecond: number; seconds: number; directory: string },
): Promise<Load> {
  const [script, requests, report] = ['script.json', 'requests.json', 'report.json'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  const lines = planned.map(({ path, callback: { headers, body } }) => ({
    path,
    headers,
    body: body.toString('base64'),
  }));
  await writeFile(requests, JSON.stringify(lines));
  await writeFile(script, JSON.stringify(scriptFor(url, perSecond, seconds)));
  await runArtillery(['run', '--quiet', '--output', report, script], { PLANNED_REQUESTS: requests });
  return loadOf(JSON.parse(await readFile(report, 'utf8')));
}

function scriptFor(target: string, arrivalRate: number, duration: number): object {
  return {
    config: {
      target,
      phases: [{ duration, arrivalRate }],
      processor: fileURLToPath(new URL('load-processor.cjs', import.meta.url)),
    },
    scenarios: [{ flow: [{ post: { url: '/', beforeRequest: 'nextRequest' } }] }],
  };
}

function runArtillery(args: string[], environment: Record<string, string>): Promise<void> {
  // One worker: each would begin with the first request.
  const own = { WORKERS: '1', ARTILLERY_DISABLE_TELEMETRY: 'true', ...environment };
  const child = spawn('npm', ['exec', '--yes', `--package=${ARTILLERY}`, '--', 'artillery', ...args], {
    env: { ...process.env, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${ARTILLERY} ended with code ${code}:\n${output.trim()}`));
    });
  });
}

/** What is read of Artillery's report. */
interface Report {
  aggregate: {
    counters: Record<string, number>;
    summaries: Record<string, Record<'count' | 'p50' | 'p95' | 'p99' | 'p999', number>>;
  };
}

function loadOf({ aggregate: { counters, summaries } }: Report): Load {
  const sent = counters['http.requests'] ?? 0;
  const times = summaries['http.response_time'];
  if (times === undefined) throw new Error('Artillery got no answer.');
  return { sent, errors: sent - (counters['http.codes.200'] ?? 0), latencies: times };
}
