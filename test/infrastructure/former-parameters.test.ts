import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { formerParameter } from '../../infrastructure/former-parameters.ts';
import { packaged } from '../support/packaged.ts';

test.each([
  ['rongcloudVendorSilentHours', 'rongcloudAppSilentHours'],
  ['zegoAllowedSources', 'zegoAllowedNetworks'],
  ['deletionPolicy', 'tableProtection'],
  ['deletionProtection', 'tableProtection'],
])('%s is now called %s', (former, current) => {
  expect(formerParameter(['gateway', former])).toBe(`The parameter ${former} is now called ${current}.`);
});

test.each(['pageRefreshSeconds', 'systemLogLevel'])('%s no longer exists', (former) => {
  expect(formerParameter([former])).toBe(`The parameter ${former} no longer exists: leave it out.`);
});

test('every parameter of this version is accepted', async () => {
  const text = await readFile(new URL('../../serverless.yml', import.meta.url), 'utf8');
  const { params } = parse(text, { logLevel: 'error' }) as { params: Record<string, object> };
  const names = Object.values(params).flatMap((ofStage) => Object.keys(ofStage));
  expect(names).toContain('tableProtection');
  expect(formerParameter(names)).toBeUndefined();
});

test('a former parameter fails when the service is packaged', async () => {
  await expect(packaged('prod', { zegoVendorSilentHours: '1' })).rejects.toThrow(
    'The parameter zegoVendorSilentHours is now called zegoAppSilentHours.',
  );
});
