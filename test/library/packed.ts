import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** What the examples use besides the package. */
const PEERS = ['express', 'standardwebhooks', '@types'];

const run = promisify(execFile);

/** An otherwise empty folder in which the tarball of `npm pack` is installed, and the examples are copied. */
export interface Installation {
  folder: string;
  /** The paths in the tarball. */
  files: string[];
  /** What npm has put into `node_modules`. */
  installed: string[];
  dispose(): Promise<void>;
}

/** Packs this project and installs the tarball without a network. */
export async function installPackage(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'rtc-callbacks-installed-'));
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: PROJECT });
  const [{ filename, files }] = packedOf(packed.stdout);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const install = ['install', '--offline', '--no-audit', '--no-fund', join(folder, filename)];
  await run('npm', install, { cwd: folder });
  const listed = await run('npm', ['ls', '--all', '--json'], { cwd: folder });
  for (const name of PEERS)
    await symlink(join(PROJECT, 'node_modules', name), join(folder, 'node_modules', name));
  await cp(join(PROJECT, 'examples'), folder, { recursive: true });
  return {
    folder,
    files: files.map(({ path }) => path),
    installed: Object.keys(JSON.parse(listed.stdout).dependencies),
    dispose: () => rm(folder, { recursive: true }),
  };
}

type Packed = [{ filename: string; files: { path: string }[] }];

/** npm writes what its scripts print before the JSON, and from version 12 on an object by package. */
function packedOf(stdout: string): Packed {
  const parsed = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  return (Array.isArray(parsed) ? parsed : Object.values(parsed)) as Packed;
}

/** The paths of Node.js by major version: 24, and 22 where npm can install it. */
export async function nodeVersions(): Promise<[version: number, path: string][]> {
  const folder = join(tmpdir(), 'rtc-callbacks-node-22');
  const node22 = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (!existsSync(node22)) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ allowScripts: { node: true } }));
    await run('npm', ['install', '--no-audit', '--no-fund', 'node@22'], { cwd: folder }).catch(
      ({ message }) => console.warn(`No Node.js 22 here: ${message}`),
    );
  }
  const versions: [number, string][] = [[24, process.execPath]];
  return existsSync(node22) ? [[22, node22], ...versions] : versions;
}

/** A program that prints `listening` and its address. */
export interface Program {
  url: string;
  output(): string;
  stop(): Promise<void>;
}

/** Starts a program and waits until it listens. Rejects with its output when it ends before. */
export async function startProgram(
  node: string,
  file: string,
  cwd: string,
  environment: Record<string, string>,
): Promise<Program> {
  const child = spawn(node, [file], { cwd, env: { ...process.env, ...environment, PORT: '0' } });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const output = collected(child);
  const port = await Promise.race([
    expect.poll(output).toMatch(/listening .*port: \d+/s),
    ended.then(() => Promise.reject(new Error(output()))),
  ]).then(() => /listening .*?port: (\d+)/s.exec(output())?.[1]);
  return {
    url: `http://127.0.0.1:${port}`,
    output,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

function collected({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr])
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
  return () => text;
}
