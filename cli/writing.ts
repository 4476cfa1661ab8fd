import { change } from './connection.ts';
import type { Context } from './context.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { printable } from './output.ts';

/** Sends a request to the write API and returns its answer's body. Fails with why it is refused. */
export async function write<Answer>(
  { connection }: Context,
  method: 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<Answer> {
  const response = await change(connection, method, path, body);
  if (response.ok) return (await response.json()) as Answer;
  const { status } = response;
  const answer = printable((await response.text()).slice(0, 500));
  if (status === 403) {
    throw new CommandFailure(
      EXIT.unreachable,
      `The write API of ${connection.name} does not allow it (${answer}). The credentials need execute-api:Invoke; see --profile.`,
    );
  }
  const exitCode = status === 404 ? EXIT.notFound : status === 400 ? EXIT.usage : EXIT.failed;
  throw new CommandFailure(exitCode, `The write API of ${connection.name} answered ${status}: ${answer}`);
}
