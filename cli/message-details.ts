import type { Json } from '../lib/platform/json.ts';
import { isUnverified, type OpenedMessage, summaryOf } from './message-content.ts';
import { writeFields, writeJson, writeLine } from './output.ts';
import { REDACTED, redactBody, redactJson } from './redaction.ts';
import { printableJson, printableLines } from './terminal-text.ts';

/** Shows one message with its callback, redacted. */
export function writeDetails(message: OpenedMessage, json: boolean): void {
  const { envelope } = message;
  const fields = { ...summaryOf(message), ...(envelope === undefined ? {} : credentialsOf(envelope)) };
  const request = isUnverified(envelope) ? requestOf(envelope) : undefined;
  const body = envelope === undefined ? undefined : redactBody(envelope.body);
  if (json) {
    writeJson({ ...fields, ...request, ...(body === undefined ? {} : { body }) });
    return;
  }
  writeFields(fields);
  for (const [title, value] of Object.entries({ ...request, body })) {
    if (value === undefined) continue;
    writeLine();
    writeLine(`${title}:`);
    writeLine(typeof value === 'string' ? printableLines(value) : printableJson(value));
  }
}

type OpenedEnvelope = NonNullable<OpenedMessage['envelope']>;

function credentialsOf(envelope: OpenedEnvelope): Record<string, string | number> {
  if (isUnverified(envelope)) {
    // The segment is as good as a password.
    const segment = envelope.pathSegment === undefined ? {} : { pathSegment: REDACTED };
    return { sourceIp: envelope.sourceIp, ...segment };
  }
  const { strength, keyIndex, timestamp } = envelope;
  return { strength, keyIndex, signature: REDACTED, ...(timestamp === undefined ? {} : { timestamp }) };
}

function requestOf(envelope: OpenedEnvelope & { headers: unknown; query: unknown }): Record<string, Json> {
  return {
    headers: redactJson(envelope.headers as Json),
    query: redactJson(envelope.query as Json),
  };
}
