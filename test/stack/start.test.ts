import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

interface Run {
  code: unknown;
  stdout: string;
  stderr: string;
}

/** `npm start` until it ends by itself. */
function start(variables: Record<string, string>): Promise<Run> {
  const env = { ...process.env, PORT: '0', DATA_DIR: join(tmpdir(), 'rtc-callbacks-never'), ...variables };
  return new Promise((resolve) =>
    execFile(process.execPath, ['stack/start.ts'], { cwd: PROJECT, env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

it('ends at once where CALLBACK_SECRETS cannot be used, and says why', async () => {
  const { code, stdout, stderr } = await start({ CALLBACK_SECRETS: '{"zego":{"1":"hush-hush"}}' });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('CALLBACK_SECRETS cannot be used: zego: secrets: entry 1');
  expect(stderr).not.toContain('hush-hush');
});

it('warns of TRTC apps that share a key', async () => {
  const secrets = '{"tencent":{"1400000000":["hush-hush"],"1400000001":["hush-hush"]}}';
  // It ends at the folder, after the warning.
  const { code, stderr } = await start({
    CALLBACK_SECRETS: secrets,
    DATA_DIR: join(PROJECT, 'package.json'),
  });
  expect(code).toBe(1);
  expect(stderr).toContain('WARNING: the tencent apps 1400000000, 1400000001 share a secret.');
  expect(stderr).not.toContain('hush-hush');
});
