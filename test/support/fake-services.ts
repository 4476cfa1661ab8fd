import type { AppSecrets } from '../../lib/callback/callback.ts';
import type { PutResult, TableItem } from '../../lib/platform/aws/table-writer.ts';
import type { LogFields } from '../../lib/platform/log.ts';
import type { SendResult } from '../../lib/queue/queue.ts';
import { createEnvelopeStore } from '../../lib/queue/store.ts';
import type { IngestServices } from '../../lib/receive/receive.ts';
import type { SecretsResult } from '../../lib/receive/secrets.ts';
import type { IngestSettings } from '../../lib/receive/settings.ts';
import { SECRETS } from './signed-requests.ts';

/** The world of the ack path in memory. */
export interface FakeServices extends IngestServices {
  sent: { message: string; group: string; deadline: number }[];
  /** What was put into the table. */
  put: { item: TableItem; deadline: number }[];
  lines: { level: string; message: string; fields: LogFields }[];
  /** How often a mismatch made the secrets be read again. */
  mismatches: number;
  clock: { now: number };
}

/** What the outside world answers; everything works when nothing is given. */
export interface FakeAnswers {
  secrets?: SecretsResult;
  /** The secrets read again after a mismatch; not read again when absent. */
  renewed?: AppSecrets;
  sending?: SendResult;
  /** How long a send takes, in ms. */
  sendingMs?: number;
  putting?: PutResult;
  settings?: Partial<IngestSettings>;
}

export function fakeServices(answers: FakeAnswers = {}): FakeServices {
  const clock = { now: 1_700_000_000_100 };
  const now = () => clock.now;
  const services: FakeServices = {
    sent: [],
    put: [],
    lines: [],
    mismatches: 0,
    clock,
    now,
    settings: { requirePathSegment: false, verificationMode: 'enforce', ...answers.settings },
    log: (level, message, fields) => void services.lines.push({ level, message, fields }),
    secrets: {
      current: async () => answers.secrets ?? { ok: true, secrets: SECRETS },
      afterMismatch: async () => {
        services.mismatches += 1;
        return answers.renewed && { ok: true, secrets: answers.renewed };
      },
    },
    store: createEnvelopeStore({
      now,
      send: async (message, group, deadline) => {
        clock.now += answers.sendingMs ?? 0;
        const result = answers.sending ?? { ok: true, messageId: 'm-1' };
        if (result.ok) services.sent.push({ message, group, deadline });
        return result;
      },
      put: async (item, deadline) => {
        const result = answers.putting ?? { ok: true };
        if (result.ok) services.put.push({ item, deadline });
        return result;
      },
    }),
  };
  return services;
}
