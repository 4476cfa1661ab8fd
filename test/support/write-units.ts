import type { ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { interceptCommands } from './commands.ts';

/** What the commands of a client cost. */
export interface Meter {
  /** The commands in order, such as `UpdateItemCommand`. */
  commands: string[];
  /** Write units of the table. */
  table: number;
  /** Write units of the indexes by name, as far as the engine tells them. */
  indexes: Record<string, number>;
}

/** Lets a client tell what its commands cost from now on. */
export function meterOf(client: DynamoDBClient): Meter {
  const meter: Meter = { commands: [], table: 0, indexes: {} };
  interceptCommands(client, async ({ name, input, proceed }) => {
    meter.commands.push(name);
    Object.assign(input, { ReturnConsumedCapacity: 'INDEXES' });
    try {
      const output = await proceed();
      addUnits(meter, (output as { ConsumedCapacity?: ConsumedCapacity }).ConsumedCapacity);
      return output;
    } catch (error) {
      // DynamoDB counts a refused write and does not say how much: a unit for each KB of the item in its way.
      if ((error as Error).name === 'ConditionalCheckFailedException') meter.table += 1;
      throw error;
    }
  });
  return meter;
}

function addUnits(meter: Meter, consumed: ConsumedCapacity | undefined): void {
  if (consumed?.Table?.CapacityUnits === undefined)
    throw new Error('The engine does not tell what it costs.');
  meter.table += consumed.Table.CapacityUnits;
  for (const [name, { CapacityUnits = 0 }] of Object.entries(consumed.GlobalSecondaryIndexes ?? {})) {
    meter.indexes[name] = (meter.indexes[name] ?? 0) + CapacityUnits;
  }
}
