import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLog, type LineMetrics } from '../../lib/platform/log.ts';

const METRICS: LineMetrics = {
  dimensions: [['source', 'verdict'], ['reason']],
  metrics: [{ name: 'ackMs', unit: 'Milliseconds' }],
};

function logged(
  environment: Record<string, string>,
  ...[level, message, fields, metrics]: Parameters<ReturnType<typeof createLog>>
) {
  const lines: string[] = [];
  createLog(environment, (line) => lines.push(line))(level, message, fields, metrics);
  return lines;
}

describe('a line', () => {
  test('is one JSON object', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const [line = ''] = logged({ METRICS_NAMESPACE: 'n' }, 'info', text, { text, ackMs: 1 }, METRICS);
        expect(line.endsWith('\n')).toBe(true);
        expect(line.slice(0, -1)).not.toContain('\n');
        const { text: shown } = JSON.parse(line);
        expect(text.length <= 256 ? shown : shown.slice(0, 256)).toBe(text.slice(0, 256));
      }),
    );
  });

  test('cuts long values short', () => {
    const [line = ''] = logged({}, 'info', 'callback', { taskId: 'x'.repeat(1_000) });
    expect(JSON.parse(line).taskId).toBe(`${'x'.repeat(256)}…`);
  });

  test('is left out below the level', () => {
    const lines = (['info', 'warn', 'error'] as const).map(
      (level) => logged({ LOG_LEVEL: 'warn' }, level, 'm', {}).length,
    );
    expect(lines).toEqual([0, 1, 1]);
  });

  test('a level that does not exist is refused', () => {
    expect(() => createLog({ LOG_LEVEL: 'debug' })).toThrow(
      'LOG_LEVEL must be one of info, warn, error, not "debug"',
    );
  });
});

describe('metrics', () => {
  const fields = { source: 'tencent', verdict: 'refused', reason: 'unknown_app', ackMs: 2 };

  test('are offered in the embedded metric format', () => {
    const [line = ''] = logged(
      { METRICS_NAMESPACE: 'rtc-callbacks-prod' },
      'info',
      'callback',
      fields,
      METRICS,
    );
    const { _aws, time, ...rest } = JSON.parse(line);
    expect(rest).toEqual({ level: 'info', message: 'callback', ...fields });
    expect(_aws).toEqual({
      Timestamp: Date.parse(time),
      CloudWatchMetrics: [
        {
          Namespace: 'rtc-callbacks-prod',
          Dimensions: [['source', 'verdict'], ['reason']],
          Metrics: [{ Name: 'ackMs', Unit: 'Milliseconds' }],
        },
      ],
    });
  });

  test('name no field that the line does not have, which CloudWatch would refuse', () => {
    const { reason: _, ...accepted } = fields;
    const [line = ''] = logged({ METRICS_NAMESPACE: 'n' }, 'info', 'callback', accepted, METRICS);
    expect(JSON.parse(line)._aws.CloudWatchMetrics[0].Dimensions).toEqual([['source', 'verdict']]);
  });

  test('are not offered without a namespace, nor by a line without any', () => {
    for (const line of [
      ...logged({}, 'info', 'callback', fields, METRICS),
      ...logged({ METRICS_NAMESPACE: '' }, 'info', 'callback', fields, METRICS),
      ...logged({ METRICS_NAMESPACE: 'n' }, 'info', 'callback', fields),
    ]) {
      expect(line).not.toContain('_aws');
    }
  });
});
