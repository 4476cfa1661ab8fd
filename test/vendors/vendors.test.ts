import { describe, expect, test } from 'vitest';
import { verifyWith } from '../../lib/callback/verification.ts';
import { parameterName, THRESHOLDS, variableName } from '../../lib/vendors/common/settings.ts';
import { EVENT_NAMES, VENDOR_NAMES } from '../../lib/vendors/facts.ts';
import { SOURCES, VENDORS } from '../../lib/vendors/index.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { APP, SECRETS, SIGNERS } from '../support/signed-requests.ts';

describe.each(VENDOR_NAMES)('%s', (name) => {
  const vendor = VENDORS[name];

  test('is registered under its name, and its sources under theirs', () => {
    expect(vendor.name).toBe(name);
    expect(vendor.sources.length).toBeGreaterThan(0);
    for (const source of vendor.sources) {
      expect(source.name).toMatch(new RegExp(`^${name}(-[a-z]+)?$`));
      expect(source.path).toBe(`/callbacks/${source.name.replace('-', '/')}`);
      expect(SOURCES.get(source.name)).toMatchObject({ ...source, vendor: name });
    }
  });

  test('has a window for its timestamps unless it signs the whole body', () => {
    const verified = verifyWith(vendor.verify, SIGNERS[name].sign(), SECRETS);
    expect(verified).toMatchObject({ ok: true, appId: APP });
    const { strength } = verified as { strength?: string };
    expect(vendor.settings.timestampWindowHours === null).toBe(strength === 'body');
  });

  test('warns of a deletion before it, and only where there is one', () => {
    const { purgeNearHours } = vendor.settings;
    expect(purgeNearHours === null).toBe(vendor.retentionMs === null);
    expect((purgeNearHours ?? 0) * THRESHOLDS.purgeNearHours).toBeLessThan(
      vendor.retentionMs ?? Number.POSITIVE_INFINITY,
    );
  });
});

test('every sample is called something by people, and unknown ones what they are', () => {
  const now = Date.now();
  const withoutName = SAMPLE_SOURCES.flatMap(({ name, vendor, appId, events }) =>
    Object.entries(events).flatMap(([event, bodyOf]) => {
      const body = Buffer.from(JSON.stringify(bodyOf(appId, now)));
      const parsed = SOURCES.get(name)?.parse(body, { appId, receivedAt: now });
      const type = parsed?.ok ? parsed.event.type : `refused ${parsed?.ok} 0`;
      const isNamed = EVENT_NAMES[vendor][type] !== undefined || !/\d$/.test(type);
      return isNamed || event.includes('unknown') ? [] : [`${name} ${event}: ${type}`];
    }),
  );
  expect(withoutName).toEqual([]);
});

test('every source has samples, and all sources differ in name and path', () => {
  expect(SAMPLE_SOURCES.map(({ name }) => name)).toEqual([...SOURCES.keys()]);
  expect(SOURCES.size).toBe(VENDOR_NAMES.flatMap((name) => VENDORS[name].sources).length);
  expect(new Set(SAMPLE_SOURCES.map(({ path }) => path)).size).toBe(SOURCES.size);
});

test('a setting has one name as a parameter and one as a variable', () => {
  expect(parameterName('zego', 'purgeNearHours')).toBe('zegoPurgeNearHours');
  expect(variableName('zego', 'purgeNearHours')).toBe('ZEGO_PURGE_NEAR_HOURS');
});
