import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';
import { expect } from 'vitest';
import { runCommandLine } from '../../cli/run.ts';

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

/** Runs the tool to its end, in this process. */
export async function runTool(args: readonly string[], environment: ToolEnvironment = {}): Promise<ToolRun> {
  const tool = startTool(args, environment);
  const code = await tool.ended;
  return { code, stdout: tool.stdout(), stderr: tool.stderr() };
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

/** A run of the tool. */
export interface RunningTool {
  /** Ends it as Ctrl-C does. */
  interrupt(): void;
  /** Its exit code. */
  ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
  /** Resolves once the standard output matches all of these; fails with it when it never does. */
  hasWritten(...patterns: RegExp[]): Promise<void>;
  /** Resolves once the standard error has all of these texts; fails with it when it never has. */
  hasNoted(...texts: string[]): Promise<void>;
}

/** Starts the tool in this process, which has the tool's environment until it ends. */
export function startTool(args: readonly string[], environment: ToolEnvironment = {}): RunningTool {
  const output = { stdout: new PassThrough(), stderr: new PassThrough() };
  const interruption = new AbortController();
  const leaveEnvironment = enterEnvironment(plainEnvironment(environment));
  const session = { output, signal: interruption.signal };
  return {
    ...collected(output),
    interrupt: () => interruption.abort(),
    ended: runCommandLine(args, session).finally(leaveEnvironment),
  };
}

/** Starts the tool as a process of its own: for signals. */
export function spawnTool(
  args: readonly string[],
  environment: ToolEnvironment = {},
): RunningTool & { child: ChildProcess } {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    env: plainEnvironment(environment),
    stdio: PIPES,
  });
  return {
    ...collected(child as Required<ChildProcess>),
    child,
    interrupt: () => child.kill('SIGINT'),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}

/** Runs the tool to its end as a process of its own: for what writes past the tool's output. */
export async function runSpawnedTool(args: readonly string[]): Promise<ToolRun> {
  const tool = spawnTool(args);
  const code = await tool.ended;
  return { code, stdout: tool.stdout(), stderr: tool.stderr() };
}

type Output = Record<'stdout' | 'stderr', NodeJS.ReadableStream | null>;

/** Collects what is written from now on. */
function collected(output: Output): Omit<RunningTool, 'interrupt' | 'ended'> {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    output[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      written[name] += chunk;
    });
  }
  const has = (name: keyof typeof written, isFound: (text: string) => boolean) =>
    expect.poll(() => isFound(written[name]) || written[name]).toBe(true);
  return {
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    hasWritten: (...patterns) => has('stdout', (text) => patterns.every((pattern) => pattern.test(text))),
    hasNoted: (...texts) => has('stderr', (text) => texts.every((expected) => text.includes(expected))),
  };
}

/** Runs the tool within a line of the shell; `line` gets what runs it. */
export async function runShell(args: readonly string[], line: (tool: string) => string): Promise<ToolRun> {
  const tool = [process.execPath, LAUNCHER, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('sh', ['-c', line(tool)], {
    env: plainEnvironment({}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
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

/** Neither the colours nor the credentials nor the settings of the person who runs the tests. */
function plainEnvironment(environment: ToolEnvironment): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment };
}

let ownEnvironment: NodeJS.ProcessEnv | undefined;
let runningTools = 0;

/** Puts an environment in the place of this process's, until it is left; the last to leave restores it. */
function enterEnvironment(environment: ToolEnvironment): () => void {
  if (runningTools === 0) ownEnvironment = process.env;
  runningTools += 1;
  process.env = { ...environment };
  return () => {
    runningTools -= 1;
    if (runningTools === 0 && ownEnvironment !== undefined) process.env = ownEnvironment;
  };
}
