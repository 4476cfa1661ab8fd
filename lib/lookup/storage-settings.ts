import type { Vendor } from '../callback/callback.ts';
import type { ParameterFailure } from '../platform/aws/cached-parameter.ts';
import type { Environment } from '../platform/environment.ts';
import { field, isObject, type Json, parseJson } from '../platform/json.ts';
import { VENDOR_NAMES } from '../vendors/facts.ts';
import type { BucketAddress } from './bucket.ts';

/** Where the files of one app are. */
export interface AppStorage {
  vendor: Vendor;
  appId: string;
  /** What the console puts before every key, without a slash at its end; empty when nothing. */
  prefix: string;
  address: BucketAddress;
}

/** By `<vendor>/<appId>`. */
export type StorageResult = { ok: true; apps: ReadonlyMap<string, AppStorage> } | ParameterFailure;

/**
 * Reads `{"<vendor>/<appId>": {"bucket", "prefix"?, "region"?, "endpoint"?, "accessKeyId"?, "secretAccessKey"?}}`. Where
 * there is no key, the function's role asks Amazon S3. The reason names the entry and the member, and quotes no value.
 */
export function parseStorage(text: string, environment: Environment): StorageResult {
  const map = parseJson(text);
  if (!isObject(map)) return { ok: false, reason: 'storage is not a JSON object of apps' };
  const apps = new Map<string, AppStorage>();
  for (const [name, entry] of Object.entries(map)) {
    const read = appStorage(name, entry, environment);
    if (typeof read === 'string') return { ok: false, reason: `storage: ${name}: ${read}` };
    apps.set(name, read);
  }
  return { ok: true, apps };
}

const MEMBERS = ['bucket', 'prefix', 'region', 'endpoint', 'accessKeyId', 'secretAccessKey'] as const;

function appStorage(name: string, entry: Json, environment: Environment): AppStorage | string {
  const [, vendorName = '', appId = ''] = /^([^/]+)\/(.+)$/s.exec(name) ?? [];
  const vendor = VENDOR_NAMES.find((known) => known === vendorName);
  if (vendor === undefined)
    return `the name must be <vendor>/<appId>, with one of ${VENDOR_NAMES.join(', ')}`;
  const unknown = Object.keys(isObject(entry) ? entry : {}).find(
    (member) => !MEMBERS.some((one) => one === member),
  );
  if (unknown !== undefined) return `there is no member ${unknown}`;
  const members = Object.fromEntries(MEMBERS.map((member) => [member, field(entry, member)]));
  const wrong = MEMBERS.find(
    (member) => members[member] !== undefined && typeof members[member] !== 'string',
  );
  if (wrong !== undefined) return `${wrong} must be text`;
  const {
    bucket,
    prefix = '',
    region,
    endpoint,
    accessKeyId,
    secretAccessKey,
  } = members as Partial<Record<(typeof MEMBERS)[number], string>>;
  if (bucket === undefined || bucket === '') return 'bucket is missing';
  // Both become part of the host name that the requests, and their signatures, go to.
  if (!HOST_PART.test(bucket)) return 'bucket must be the name of a bucket';
  if (region !== undefined && !HOST_PART.test(region)) return 'region must be the name of a region';
  if (endpoint !== undefined && !isEndpoint(endpoint)) return 'endpoint must be an http or https URL';
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    return 'accessKeyId and secretAccessKey need each other';
  if (endpoint !== undefined && accessKeyId === undefined)
    return 'an endpoint needs accessKeyId and secretAccessKey';
  const credentials =
    accessKeyId !== undefined && secretAccessKey !== undefined
      ? { accessKeyId, secretAccessKey }
      : roleCredentials(environment);
  const address = { bucket, region: region ?? environment.AWS_REGION ?? 'us-east-1', endpoint, credentials };
  return { vendor, appId, prefix: prefix.replace(/^\/+|\/+$/g, ''), address };
}

/** Letters, digits, dots, dashes and underscores, which name no other host, path or port. */
const HOST_PART = /^[a-z0-9][a-z0-9._-]*$/i;

/** Whether it is a host with a path at most. */
function isEndpoint(endpoint: string): boolean {
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.username + url.password + url.search + url.hash === '';
}

function roleCredentials(environment: Environment): BucketAddress['credentials'] {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = environment;
  const session = AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {};
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, ...session };
}
