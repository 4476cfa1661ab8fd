import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { CallbackRequest } from '../lib/callback/callback.ts';
import { type GatewayEvent, requestOf } from '../lib/platform/aws/gateway.ts';
import { field, isObject, type Json, type JsonObject, number, parseJson } from '../lib/platform/json.ts';
import { CommandFailure, EXIT, wrongUsage } from './failure.ts';

/** Reads a request that somebody captured; `-` is the standard input. Throws what is wrong with the file. */
export async function readCapturedRequest(file: string): Promise<CallbackRequest> {
  const captured = parseJson(await readInput(file));
  if (!isObject(captured)) throw wrongUsage(`${file} is not a JSON object; see rtc-callbacks doctor --help`);
  if (isObject(field(captured, 'requestContext'))) return requestOfEvent(captured, file);
  const headers = Object.entries(textMap(field(captured, 'headers')) ?? {});
  if (headers.length === 0 && field(captured, 'query') === undefined && bodyOf(captured) === undefined) {
    throw wrongUsage(`${file} has neither headers nor a query nor a body; see rtc-callbacks doctor --help`);
  }
  return {
    method: 'POST',
    path: textOf(field(captured, 'path')),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    query: textMap(field(captured, 'query')) ?? {},
    body: bodyOf(captured) ?? Buffer.alloc(0),
    sourceIp: textOf(field(captured, 'sourceIp')),
    receivedAt: number(field(captured, 'receivedAt')) ?? Date.now(),
  };
}

async function readInput(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new CommandFailure(EXIT.notFound, `There is no file ${file}.`);
    throw wrongUsage(`${file} cannot be read: ${message}`);
  }
}

function requestOfEvent(captured: JsonObject, file: string): CallbackRequest {
  try {
    return requestOf(captured as unknown as GatewayEvent);
  } catch {
    throw wrongUsage(`${file} is not an API Gateway event of payload format 2.0`);
  }
}

function bodyOf(captured: JsonObject): Buffer | undefined {
  const [body, base64] = [field(captured, 'body'), field(captured, 'bodyBase64')];
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  if (typeof body === 'string') return Buffer.from(body);
  // A body that was parsed: only its values are left.
  return isObject(body) ? Buffer.from(JSON.stringify(body)) : undefined;
}

function textMap(value: Json | undefined): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, textOf(member)]));
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
