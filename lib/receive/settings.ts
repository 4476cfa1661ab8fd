import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Environment } from '../platform/environment.ts';

/** What an operator may choose for the functions that receive callbacks. */
export interface IngestSettings {
  /** Whether an IP address may send; absent when every address may. */
  isInAllowedNetwork?: ((sourceIp: string) => boolean) | undefined;
  /** Whether the URL must end with the app's unguessable segment. */
  requirePathSegment: boolean;
  /** `shadow` acknowledges what does not verify too, and puts it into the quarantine, for a first rollout. */
  verificationMode: 'enforce' | 'shadow';
}

/** What some variables may be; the first choice is the default. */
export const CHOICES = {
  PATH_SEGMENT: ['optional', 'required'],
  VERIFICATION_MODE: ['enforce', 'shadow'],
} as const;

/** Reads the settings; throws an error that names the variable and what it may be. */
export function ingestSettings(environment: Environment): IngestSettings {
  return {
    isInAllowedNetwork: allowList(environment.ALLOWED_NETWORKS ?? ''),
    requirePathSegment: choice(environment, 'PATH_SEGMENT') === 'required',
    verificationMode: choice(environment, 'VERIFICATION_MODE'),
  };
}

function choice<Name extends keyof typeof CHOICES>(
  environment: Environment,
  name: Name,
): (typeof CHOICES)[Name][number] {
  const choices: readonly (typeof CHOICES)[Name][number][] = CHOICES[name];
  const value = environment[name] || choices[0];
  const chosen = choices.find((candidate) => candidate === value);
  if (chosen === undefined) {
    throw new Error(`The environment variable ${name} must be ${choices.join(' or ')}, not "${value}".`);
  }
  return chosen;
}

/** A list of addresses and of networks in CIDR notation, separated by commas or spaces. */
function allowList(list: string): IngestSettings['isInAllowedNetwork'] {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== '');
  if (entries.length === 0) return undefined;
  const allowed = new BlockList();
  for (const entry of entries) addNetwork(allowed, entry);
  return (sourceIp) => isIP(sourceIp) !== 0 && allowed.check(sourceIp, familyOf(sourceIp));
}

function addNetwork(allowed: BlockList, entry: string): void {
  const [address = '', prefix, ...rest] = entry.split('/');
  const bits = isIPv4(address) ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  const isPrefix = prefix !== '' && Number.isInteger(length) && length >= 0 && length <= bits;
  if (isIP(address) === 0 || !isPrefix || rest.length > 0) {
    throw new Error(
      `The environment variable ALLOWED_NETWORKS must list IP addresses or networks such as 192.0.2.0/24, not "${entry}".`,
    );
  }
  allowed.addSubnet(address, length, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
