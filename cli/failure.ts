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
