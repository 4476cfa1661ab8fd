import { printable } from './output.ts';

/** What the exit code of the tool says, for scripts. */
export const EXIT = {
  ok: 0,
  /** Something failed, or is wrong. */
  failed: 1,
  /** The command is wrong. */
  usage: 2,
  notFound: 3,
  /** The stack, or a part of it, cannot be reached or may not be used. */
  unreachable: 4,
  /** Ended by Ctrl-C, as shells have it. */
  interrupted: 130,
} as const;

/** Why a command cannot go on, in words for the person who gave it, who also learns how to fix it. */
export class CommandFailure extends Error {
  override name = 'CommandFailure';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A command that is wrong. */
export function wrongUsage(message: string): CommandFailure {
  return new CommandFailure(EXIT.usage, message);
}

const NETWORK_CODES =
  /^(?:ECONN\w+|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|CERT_\w+|UND_ERR_\w+|TimeoutError|NetworkingError)$/;

/** What a command talked to: a connection, as far as an explanation needs it. */
interface Reached {
  name: string;
  isLocal: boolean;
}

/** Says what cannot be reached and how to fix it. `undefined` for what is a fault of this tool. */
export function explain(error: unknown, connection: Reached | undefined): CommandFailure | undefined {
  if (error instanceof CommandFailure) return error;
  if (!(error instanceof Error)) return undefined;
  const where = connection?.name ?? 'the service';
  const { name, message } = error;
  const unreachable = (text: string) => new CommandFailure(EXIT.unreachable, text);

  if (name === 'QueueDoesNotExist' || name === 'ResourceNotFoundException') {
    return unreachable(
      `${capitalised(where)} has no such queue, table or log (${printable(message)}). ${deployedFix(connection)}`,
    );
  }
  if (name === 'ValidationError' && /does not exist/.test(message)) {
    return unreachable(`${printable(message)}. ${deployedFix(connection)}`);
  }
  if (
    /CredentialsProviderError|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature/.test(
      name,
    )
  ) {
    return unreachable(
      `No AWS credentials that work (${printable(message)}). Sign in, for example with "aws sso login", or choose a profile with --profile.`,
    );
  }
  if (/AccessDenied|NotAuthorized/.test(name)) {
    return unreachable(
      `AWS does not allow it: ${printable(message)}. Use a --profile that may, or extend its policy.`,
    );
  }
  if (/Region is missing/.test(message)) {
    return new CommandFailure(EXIT.usage, 'Which AWS region? Pass --region, or set AWS_REGION.');
  }
  const cause = networkCause(error);
  if (cause === undefined)
    return isServiceError(error)
      ? unreachable(`${capitalised(where)}: ${printable(`${name}: ${message}`)}`)
      : undefined;
  return unreachable(
    `${capitalised(where)} cannot be reached (${printable(cause)}). ${networkFix(connection)}`,
  );
}

/** Whether what failed may work by itself after a while. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $fault, name } = error as Error & { $fault?: string };
  return networkCause(error) !== undefined || $fault === 'server' || /Throttl|TooManyRequests/.test(name);
}

function deployedFix(connection: Reached | undefined): string {
  return connection?.isLocal
    ? 'Is it the stack of "npm start"?'
    : 'Is the stage deployed in this account and region? See --stage, --region and --profile.';
}

function networkFix(connection: Reached | undefined): string {
  return connection?.isLocal
    ? 'Start it with "npm start" in the repository, or choose another one with --url, or a deployed one with --stage.'
    : 'Check the network, --region and --url.';
}

/** Why the network failed, wherever the fetch API or the SDK put it. */
function networkCause(error: Error): string | undefined {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const { code } = current as NodeJS.ErrnoException;
    const known = [code, current.name].find((candidate) => NETWORK_CODES.test(candidate ?? ''));
    if (known !== undefined) return known;
  }
  if (error.message !== 'fetch failed') return undefined;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function isServiceError(error: Error): boolean {
  return '$metadata' in error;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
