import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';
import { expect } from 'vitest';

/** What `npx rtc-callbacks` runs. */
const LAUNCHER = fileURLToPath(new URL('../../local/cli/rtc-callbacks.cjs', import.meta.url));

/** What the tool did. */
export interface ToolRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Variables for the tool, besides those that every process needs. */
export type ToolEnvironment = Record<string, string>;

/** Starts the tool as a process of its own, with nothing but pipes around it. */
export function startTool(args: readonly string[], environment: ToolEnvironment = {}): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, ...args], {
    env: plainEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the tool to its end. */
export async function runTool(args: readonly string[], environment: ToolEnvironment = {}): Promise<ToolRun> {
  const child = startTool(args, environment);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout as NonNullable<typeof child.stdout>),
    text(child.stderr as NonNullable<typeof child.stderr>),
    ended,
  ]);
  return { code, stdout, stderr };
}

/** Runs the tool with `--json` and parses what it wrote; fails when it ends with another code than `code`. */
export async function runToolForJson<Result>(
  args: readonly string[],
  environment: ToolEnvironment = {},
  code = 0,
): Promise<Result> {
  const run = await runTool([...args, '--json'], environment);
  expect([run.code, run.stderr]).toEqual([code, expect.any(String)]);
  return JSON.parse(run.stdout) as Result;
}

/** Runs the tool on a pseudo-terminal. `type` gets what was written so far and may answer with keys to press. */
export function runToolOnTerminal(
  args: readonly string[],
  environment: ToolEnvironment = {},
  type: (output: string) => string | undefined = () => undefined,
): Promise<{ code: number; output: string }> {
  const terminal = spawnOnTerminal(process.execPath, [LAUNCHER, ...args], {
    cols: 200,
    rows: 50,
    env: { ...plainEnvironment(environment), TERM: 'xterm-256color' },
  });
  let output = '';
  terminal.onData((data) => {
    output += data;
    const keys = type(output);
    if (keys !== undefined) terminal.write(keys);
  });
  return new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve({ code: exitCode, output })));
}

/** Neither the colours nor the credentials nor the settings of whoever runs the tests. */
function plainEnvironment(environment: ToolEnvironment): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment };
}
