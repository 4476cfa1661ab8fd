import type { ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { interceptCommands } from './commands.ts';

/** What the commands of a client cost. */
export interface Reading {
  /** The commands in order, such as `UpdateItemCommand`. */
  commands: string[];
  /** Write units of the table. */
  table: number;
  /** Write units of the indexes by name, if the engine reports them. */
  indexes: Record<string, number>;
}

/** Counts what the commands of a client cost; `read` returns it since the last time. */
export function meterOf(client: DynamoDBClient): { read(): Reading } {
  let reading = emptyReading();
  interceptCommands(client, async ({ name, input, proceed }) => {
    reading.commands.push(name);
    Object.assign(input, { ReturnConsumedCapacity: 'INDEXES' });
    try {
      const output = await proceed();
      addUnits(reading, (output as { ConsumedCapacity?: ConsumedCapacity }).ConsumedCapacity);
      return output;
    } catch (error) {
      // DynamoDB counts a refused write and does not say how much: a unit for each KB of the item in its way.
      if ((error as Error).name === 'ConditionalCheckFailedException') reading.table += 1;
      throw error;
    }
  });
  return {
    read() {
      const last = reading;
      reading = emptyReading();
      return last;
    },
  };
}

function emptyReading(): Reading {
  return { commands: [], table: 0, indexes: {} };
}

function addUnits(reading: Reading, consumed: ConsumedCapacity | undefined): void {
  if (consumed?.Table?.CapacityUnits === undefined) throw new Error('The engine does not report costs.');
  reading.table += consumed.Table.CapacityUnits;
  for (const [name, { CapacityUnits = 0 }] of Object.entries(consumed.GlobalSecondaryIndexes ?? {})) {
    reading.indexes[name] = (reading.indexes[name] ?? 0) + CapacityUnits;
  }
}
