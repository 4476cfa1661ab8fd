import { expect, it } from 'vitest';
import { readStartSettings } from '../../stack/start-settings.ts';

it('without arguments and variables is the stack of the samples on port 3000', async () => {
  expect(await readStartSettings([], {})).toEqual({
    port: 3000,
    dataDir: expect.stringMatching(/[\\/]\.local$/),
    alarmSpeed: 1,
    environment: { FORWARD_URL: '', FORWARD_SECRET: '' },
    isVerbose: false,
    warnings: [],
  });
});

it('takes what arguments and variables choose, an argument first', async () => {
  const FORWARD_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const variables = {
    PORT: '0',
    DATA_DIR: '/data',
    ALARM_SPEED: '60',
    FORWARD_URL: 'http://a',
    FORWARD_SECRET,
  };
  expect(await readStartSettings(['--forward', 'https://b', '--verbose'], variables)).toMatchObject({
    port: 0,
    dataDir: '/data',
    alarmSpeed: 60,
    environment: { FORWARD_URL: 'https://b', FORWARD_SECRET },
    isVerbose: true,
  });
});

it.each([
  [['--forward', 'not a url'], /^--forward takes an http or https URL, not "not a url"/],
  [['--forward', 'ftp://example.com'], /^--forward takes an http or https URL/],
  [['--forward', 'http://127.0.0.1:1', '--forward-secret', 'whsec_c2VjcmV0'], /'--forward-secret'/],
  [['--forwards', 'http://127.0.0.1:1'], /'--forwards'/],
])('npm start -- %s says what is wrong', async (args, complaint) => {
  await expect(readStartSettings(args, {})).rejects.toThrow(complaint);
});

it.each([
  ['PORT', '65536', 'PORT must be a number from 0 to 65535, not "65536".'],
  ['PORT', '3e3', 'PORT must be a number from 0 to 65535, not "3e3".'],
  ['ALARM_SPEED', '0.5', 'ALARM_SPEED must be a number from 1 to 1000, not "0.5".'],
  ['ALARM_SPEED', 'fast', 'ALARM_SPEED must be a number from 1 to 1000, not "fast".'],
  ['FORWARD_URL', 'localhost', '--forward takes an http or https URL, not "localhost".'],
  ['FORWARD_SECRET', 'hush-hush', /^FORWARD_SECRET: (?!.*hush-hush)/],
])('%s=%s says what is wrong', async (name, value, complaint) => {
  await expect(readStartSettings([], { [name]: value })).rejects.toThrow(complaint);
});

it.each([
  ['no JSON', '{"tencent":', 'not a JSON object'],
  ['a list', '[]', 'not a JSON object'],
  ['no list of secrets', '{"tencent":{"1400000000":"hush-hush"}}', 'tencent: secrets: entry 1'],
  ['an empty list', '{"zego":{"1":[]}}', 'zego: secrets: entry 1'],
])('CALLBACK_SECRETS that is %s cannot be used', async (_name, value, reason) => {
  const reading = readStartSettings([], { CALLBACK_SECRETS: value });
  await expect(reading).rejects.toThrow(/^CALLBACK_SECRETS cannot be used: (?!.*hush-hush)/);
  await expect(reading).rejects.toThrow(reason);
});
