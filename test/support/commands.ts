import type { DynamoDBClient, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-dynamodb';

/** A command on its way to the engine. */
export interface Command {
  /** Such as `UpdateItemCommand`. */
  name: string;
  /** May be changed before `proceed`. */
  input: ServiceInputTypes;
  proceed(): Promise<ServiceOutputTypes>;
}

/** Puts `handle` in charge of every command of a client. What it throws reaches the caller without a retry. */
export function interceptCommands(
  client: DynamoDBClient,
  handle: (command: Command) => Promise<ServiceOutputTypes>,
): DynamoDBClient {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      let response: unknown;
      const proceed = async () => {
        const result = await next(args);
        response = result.response;
        return result.output;
      };
      const output = await handle({ name: String(context.commandName), input: args.input, proceed });
      return { output, response };
    },
    { step: 'initialize' },
  );
  return client;
}

/** When a fault hits a command: `before` it reaches the engine, or `after`, so that only the answer is lost. */
export type FaultMoment = 'before' | 'after';

/** A client whose commands fail where `faultOf` says so; commands are counted from 0. */
export function faultyClient(
  client: DynamoDBClient,
  faultOf: (command: Command, count: number) => FaultMoment | undefined,
): DynamoDBClient {
  let count = 0;
  return interceptCommands(client, async (command) => {
    const fault = faultOf(command, count++);
    if (fault === 'before') throw throttled();
    const output = await command.proceed();
    if (fault === 'after') throw throttled();
    return output;
  });
}

function throttled(): Error {
  return Object.assign(new Error('Too many requests'), { name: 'ThrottlingException' });
}
