import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';
import { expect } from 'vitest';

/** What `npx rtc-callbacks` runs. */
const LAUNCHER = fileURLToPath(new URL('../../cli/rtc-callbacks.cjs', import.meta.url));

const PIPES: StdioOptions = ['ignore', 'pipe', 'pipe'];

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
    stdio: PIPES,
  });
}

/** Runs the tool to its end. */
export async function runTool(args: readonly string[], environment: ToolEnvironment = {}): Promise<ToolRun> {
  return collected(startTool(args, environment));
}

async function collected(child: ChildProcess): Promise<ToolRun> {
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

/** A run of the tool that goes on until it is ended. */
export interface ToolFollowing {
  child: ChildProcess;
  /** Its exit code. */
  ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
  /** Resolves once the standard output matches all of these; fails with it when it never does. */
  hasWritten(...patterns: RegExp[]): Promise<void>;
  /** Resolves once the standard error has all of these texts; fails with it when it never has. */
  hasNoted(...texts: string[]): Promise<void>;
}

/** Starts the tool and collects what it writes. */
export function followWithTool(args: readonly string[], environment: ToolEnvironment = {}): ToolFollowing {
  const child = startTool(args, environment);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      written[name] += chunk;
    });
  }
  const has = (name: keyof typeof written, isFound: (output: string) => boolean) =>
    expect.poll(() => isFound(written[name]) || written[name], { timeout: 30_000, interval: 50 }).toBe(true);
  return {
    child,
    ended,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    hasWritten: (...patterns) => has('stdout', (output) => patterns.every((pattern) => pattern.test(output))),
    hasNoted: (...texts) => has('stderr', (output) => texts.every((text) => output.includes(text))),
  };
}

/** Runs the tool within a line of the shell; `line` gets what runs it. */
export async function runShell(args: readonly string[], line: (tool: string) => string): Promise<ToolRun> {
  const tool = [process.execPath, LAUNCHER, ...args].map((word) => `'${word}'`).join(' ');
  return collected(spawn('sh', ['-c', line(tool)], { env: plainEnvironment({}), stdio: PIPES }));
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
