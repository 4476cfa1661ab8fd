import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_SECRETS, SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { startChildStack } from '../../stack/child-stack.ts';
import { type Installation, installPackage, nodeVersions, startProgram } from './packed.ts';

const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
const NODES = await nodeVersions();
const SECRETS = { CALLBACK_SECRETS: JSON.stringify(SAMPLE_SECRETS) };
const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of the webhook, 32 bytes').toString('base64')}`;

let installation: Installation;
beforeAll(async () => {
  installation = await installPackage();
});
afterAll(() => installation?.dispose());

/** Runs the installed command-line tool; or other code. */
function tool(node: string, args: string[], environment: Record<string, string> = {}) {
  return runNode(node, ['node_modules/rtc-callbacks/cli/rtc-callbacks.cjs', ...args], environment);
}

function runNode(node: string, args: string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, NO_COLOR: '1', ...environment };
  const { status, stdout, stderr } = spawnSync(node, args, {
    cwd: installation.folder,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('the tarball has what is needed and no dependencies', () => {
  const allowed =
    /^(?:dist|types)\/|^(?:package\.json|README(?:\.zh-CN)?\.md|LICENSE|cli\/rtc-callbacks\.cjs|docs\/contracts\/(?:openapi|change-events\.schema)\.json)$/;
  expect(installation.files.filter((path) => !allowed.test(path))).toEqual([]);
  expect(installation.files).toContain('dist/third-party-licences.txt');
  expect(installation.installed).toEqual(['rtc-callbacks']);
});

/** What the documents of the package and its users write. */
const IMPORTS = `
  import { createRequire } from 'node:module';
  import schema from 'rtc-callbacks/change-events.schema.json' with { type: 'json' };
  import openApi from 'rtc-callbacks/openapi.json' with { type: 'json' };
  import { parseCallback, SOURCES } from 'rtc-callbacks/parse';
  import { verifyCallback } from 'rtc-callbacks/verify';

  const body = JSON.stringify({ appid: '12345', event: 'room_create', room_id: 'r', room_session_id: 9223372036854775807,
    timestamp: '1470820198', nonce: '123412', signature: '5bd59fd62953a8059fb7eaba95720f66d19e4517' })
    .replace('9223372036854776000', '9223372036854775807');
  const now = 1470820198000;
  const result = verifyCallback({ vendor: 'zego', headers: new Headers(), body, secrets: { 12345: ['secret'] }, now });
  const parsed = parseCallback({ source: 'zego', body, appId: result.appId, receivedAt: now });
  const require = createRequire(import.meta.url);
  const required = require('rtc-callbacks/verify');
  console.log(JSON.stringify({
    appId: result.appId,
    sessionId: parsed.observations[0].value.sessionId,
    sources: SOURCES.length,
    isRequired: typeof required.verifyCallback,
    openApi: [openApi.openapi, require('rtc-callbacks/openapi.json').openapi],
    schema: [schema.$ref, require('rtc-callbacks/change-events.schema.json').$ref],
  }));
`;

describe.each(NODES)('Node.js %i', (major, node) => {
  test('imports and requires it, and keeps the digits of large numbers', () => {
    const { stdout, stderr } = runNode(node, ['--input-type=module', '--eval', IMPORTS]);
    expect(stderr).not.toMatch(/Error/);
    expect(JSON.parse(stdout)).toEqual({
      appId: '12345',
      sessionId: '9223372036854775807',
      sources: SAMPLE_SOURCES.length,
      isRequired: 'function',
      openApi: ['3.1.0', '3.1.0'],
      schema: ['#/$defs/ChangeEvent', '#/$defs/ChangeEvent'],
    });
  });

  test('runs the command-line tool', () => {
    expect(tool(node, ['--version']).stdout.trim()).toBe(version);
    expect(tool(node, ['--help']).stdout).toContain('started and deployed from its repository');
    const { status, stderr } = tool(node, ['attention', 'list', '--url', 'http://127.0.0.1:9']);
    expect(stderr).toMatch(/cannot be reached \(.*"npm start" in the repository/);
    expect(status).toBe(4);
  });

  const everySource = SAMPLE_SOURCES.map(({ name }) => name);
  test.each([
    ['receive-callbacks-node.js', everySource],
    // The verification is the same: only the framework is another.
    ['receive-callbacks-express.js', ['rongcloud-recording', 'tencent', 'zego']],
  ])('%s takes what verifies and refuses the rest', async (file, sources) => {
    const callbacks = join(installation.folder, `${file}.${major}.jsonl`);
    const environment = { ...SECRETS, CALLBACK_FILE: callbacks };
    const receiver = await startProgram(node, file, installation.folder, environment);
    try {
      const send = (...args: string[]) => tool(node, ['send', ...args, '--url', receiver.url], SECRETS);
      for (const name of sources)
        expect([name, send(name).stdout]).toEqual([name, expect.stringMatching(/^200 /)]);
      for (const name of ['tencent', 'zego', 'rongcloud-room'])
        expect(send(name, '--bad', 'signature').stdout).toMatch(/^401 /);
      expect(send('tencent', '--bad', 'body').stdout).toMatch(/^401 /);
      expect(send('zego', '--bad', 'stale').stdout).toMatch(/^401 /);
      expect((await fetch(`${receiver.url}/callbacks/tencent`)).status).toBe(200);
      expect((await fetch(`${receiver.url}/callbacks/tencent`, { method: 'POST' })).status).toBe(401);
      const large = { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) };
      expect((await fetch(`${receiver.url}/callbacks/tencent`, large)).status).toBe(413);
      expect((await fetch(`${receiver.url}/elsewhere`, { method: 'POST', body: '{}' })).status).toBe(404);
      const stored = (await readFile(callbacks, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).source);
      expect(stored).toEqual(sources);
      expect(receiver.output()).toContain('zego: refused, stale');
      expect(receiver.output()).toContain("entity: 'file'");
    } finally {
      await receiver.stop();
    }
  });

  test('receive-change-events.js takes what is signed, once, and refuses the rest', async () => {
    const receiver = await startProgram(node, 'receive-change-events.js', installation.folder, {
      WEBHOOK_SECRET,
    });
    try {
      const event = (status: string, sequence: string) =>
        JSON.stringify({
          source: '/rtc-callbacks/test/zego/1',
          subject: 'tasks/1/files/a.mp4',
          type: `rtc.file.${status}`,
          sequence,
          data: { file: { name: 'a.mp4', status } },
        });
      const post = async (body: string, secret = WEBHOOK_SECRET) => {
        const now = new Date();
        const headers = {
          'webhook-id': 'id',
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': new Webhook(secret).sign('id', now, body),
        };
        return (await fetch(receiver.url, { method: 'POST', headers, body })).status;
      };
      expect(await post(event('uploaded', '2'))).toBe(204);
      expect(await post(event('closed', '1'))).toBe(204);
      expect(await post(event('lost', '3'), `whsec_${Buffer.from('another').toString('base64')}`)).toBe(401);
      expect((await fetch(receiver.url, { method: 'POST', body: '{}' })).status).toBe(401);
      expect(receiver.output().match(/^rtc\..*/gm)).toEqual(['rtc.file.uploaded: a.mp4 is uploaded']);
    } finally {
      await receiver.stop();
    }
  });
});

test('a change of the service reaches receive-change-events.js, and its tool reads it', async () => {
  const [[, node]] = NODES as [[number, string]];
  const { folder } = installation;
  const receiver = await startProgram(node, 'receive-change-events.js', folder, { WEBHOOK_SECRET });
  const stack = await startChildStack(join(folder, 'data'), join(folder, 'stack.log'), {
    args: ['--forward', receiver.url],
    environment: { ...SECRETS, FORWARD_SECRET: WEBHOOK_SECRET },
  });
  try {
    const sent = tool(node, ['send', 'rongcloud-recording', 'upload-failed', '--url', stack.url], SECRETS);
    expect(sent.stdout).toMatch(/^200 /);
    await expect.poll(receiver.output).toMatch(/rtc\.file\.upload_failed: .+ is upload_failed/);
    const attention = tool(node, ['attention', 'list', '--url', stack.url, '--json']);
    expect(attention.stdout).toContain('upload_failed');
    const doctor = tool(node, ['doctor', '--url', stack.url], SECRETS);
    expect([doctor.status, doctor.stderr]).toEqual([0, expect.any(String)]);
  } finally {
    await stack.stop();
    await receiver.stop();
  }
});

describe('types', () => {
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  const compile = (...args: string[]) => {
    const options = ['--noEmit', '--strict', '--target', 'es2024', '--types', 'node', ...args];
    return runNode(process.execPath, [tsc, ...options]).stdout;
  };
  const CONSUMER = `
    import type { IncomingMessage } from 'node:http';
    import type { ChangeEvent, Task } from 'rtc-callbacks';
    import { type Observation, type ParsedCallback, parseCallback } from 'rtc-callbacks/parse';
    import { type VerificationResult, verifyCallback } from 'rtc-callbacks/verify';

    export function receive(request: IncomingMessage, body: Buffer): Observation[] | string {
      const { headers } = request;
      const result: VerificationResult = verifyCallback({ vendor: 'tencent', headers, body, secrets: { a: ['b'] } });
      if (!result.ok) return result.reason;
      const { appId, timestamp } = result;
      const parsed: ParsedCallback = parseCallback({ source: 'tencent', body, appId, signedAt: timestamp });
      return parsed.ok ? parsed.observations : parsed.reason;
    }
    export const web = (request: Request, body: string) =>
      verifyCallback({ vendor: 'zego', headers: request.headers, query: new URL(request.url).searchParams, body, secrets: new Map() });
    export const taskOf = (event: ChangeEvent): Omit<Task, 'status'> | undefined => 'task' in event.data ? event.data.task : undefined;
  `;

  test.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('of the package compile with --module %s --moduleResolution %s', async (module, resolution) => {
    await writeFile(join(installation.folder, 'consumer.ts'), CONSUMER);
    expect(compile('--module', module, '--moduleResolution', resolution, 'consumer.ts')).toBe('');
  });

  test('say what is wrong', async () => {
    const wrong = CONSUMER.replace("vendor: 'tencent'", "vendor: 'agora'").replace(
      'headers, body,',
      'headers, body: {},',
    );
    await writeFile(join(installation.folder, 'wrong.ts'), wrong);
    const complaints = compile('--module', 'nodenext', 'wrong.ts');
    expect(complaints).toMatch(/"agora"/);
    expect(complaints.match(/error TS/g)?.length).toBeGreaterThanOrEqual(2);
  });

  test('have examples that compile', async () => {
    const text = await readFile(
      join(installation.folder, 'node_modules/rtc-callbacks/types/index.d.ts'),
      'utf8',
    );
    const examples = [...text.matchAll(/@example\n((?: \* .*\n)+) \*\//g)].map(([, lines = '']) =>
      lines.replaceAll(/^ \* /gm, ''),
    );
    const names = [...text.matchAll(/^export (?:type|interface) (\w+)/gm)].map(([, name]) => name);
    expect(examples.length).toBe(names.length);
    const imports = `import type { ${names.join(', ')} } from 'rtc-callbacks';`;
    const blocks = examples.map((example) => `{\n${example}}`);
    await writeFile(join(installation.folder, 'examples.ts'), [imports, ...blocks].join('\n'));
    expect(compile('--module', 'nodenext', 'examples.ts')).toBe('');
  });

  test('fit docs/library.md', async () => {
    const text = await readFile(new URL('../../docs/library.md', import.meta.url), 'utf8');
    const [, code = ''] = /```js\n([\s\S]*?)```/.exec(text) ?? [];
    const [imports, rest] = [code.match(/^import .*/gm) ?? [], code.replaceAll(/^import .*/gm, '')];
    const receive = `export function receive(request: { url: string; headers: Headers }, body: Buffer) {${rest}}`;
    await writeFile(join(installation.folder, 'document.ts'), [...imports, receive].join('\n'));
    expect(imports).toHaveLength(2);
    expect(compile('--module', 'nodenext', 'document.ts')).toBe('');
  });

  test('fit the examples without frameworks', () => {
    const examples = ['receive-callbacks-node.js', 'receive-change-events.js'];
    expect(compile('--module', 'nodenext', '--checkJs', '--noImplicitAny', 'false', ...examples)).toBe('');
  });
});
