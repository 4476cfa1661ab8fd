import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configurationKey } from '../../build/local-service.ts';

const FILES = {
  'serverless.yml': 'variables: [env:STAGE_NAME]',
  'infrastructure/roles.cjs': 'module.exports = {};',
  'stack/start.ts': 'process.env.DATA_DIR',
  'lib/receive/receive.ts': 'export {};',
  'handlers/zego.ts': 'export {};',
  'node_modules/package/index.js': '',
  '.local/table': '',
  'data/table': '',
};

const ENVIRONMENT = { STAGE_NAME: 'one', AWS_PROFILE: 'one', DATA_DIR: 'one', OTHER: 'one', PORT: '1' };

let project: string;

async function write(name: string, content: string): Promise<void> {
  await mkdir(dirname(join(project, name)), { recursive: true });
  await writeFile(join(project, name), content);
}

const key = (environment: object = ENVIRONMENT) =>
  configurationKey(project, { ...environment }, join(project, 'data'));

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'rtc-callbacks-project-'));
  for (const [name, content] of Object.entries(FILES)) await write(name, content);
});

afterEach(() => rm(project, { recursive: true, force: true }));

describe('what was compiled is compiled again when', () => {
  it.each([
    ['the service changes', 'serverless.yml', 'stage: two'],
    ['a file that it may refer to changes', 'infrastructure/roles.cjs', 'module.exports = [];'],
    ['there is another file', 'infrastructure/alarms.cjs', ''],
    ['there is another file in another folder', 'settings/stages/two.yml', ''],
    ['a plugin changes', 'stack/start.ts', 'process.env.PORT'],
  ])('%s', async (_name, file, content) => {
    const before = await key();
    await write(file, content);
    expect(await key()).not.toBe(before);
  });

  it('a file has gone, even if another one has its content', async () => {
    const before = await key();
    await rm(join(project, 'infrastructure/roles.cjs'));
    const without = await key();
    await write('infrastructure/queues.cjs', FILES['infrastructure/roles.cjs']);
    expect(new Set([before, without, await key()]).size).toBe(3);
  });

  it('the value of a vendor changes', async () => {
    const values = (hours: number) =>
      configurationKey(project, {}, join(project, 'data'), { zego: { settings: { purgeNearHours: hours } } });
    expect(await values(12)).not.toBe(await values(6));
  });

  it.each([
    ['a variable that the service names changes', { ...ENVIRONMENT, STAGE_NAME: 'two' }],
    [
      'a window that only `npm start` takes from a variable changes',
      { ...ENVIRONMENT, ZEGO_TIMESTAMP_WINDOW_HOURS: '7' },
    ],
    ['it is no longer there', { ...ENVIRONMENT, STAGE_NAME: undefined }],
    ['a variable of the framework changes', { ...ENVIRONMENT, AWS_PROFILE: 'two' }],
  ])('%s', async (_name, environment) => {
    expect(await key(environment)).not.toBe(await key());
  });

  it('a folder is a link, behind which nobody has looked', async () => {
    expect(await key()).toBe(await key());
    await symlink(join(project, 'infrastructure'), join(project, 'linked'), 'junction');
    expect(await key()).not.toBe(await key());
  });
});

describe('what was compiled is used again when', () => {
  it.each([
    'lib/receive/receive.ts',
    'handlers/zego.ts',
    'node_modules/package/index.js',
    '.local/table',
    'data/table',
  ])('nothing changes but %s', async (file) => {
    const before = await key();
    await write(file, 'something else');
    expect(await key()).toBe(before);
  });

  it.each(['DATA_DIR', 'OTHER', 'PORT'])('nothing changes but %s, which cannot be in it', async (name) => {
    expect(await key({ ...ENVIRONMENT, [name]: 'two' })).toBe(await key());
  });
});
