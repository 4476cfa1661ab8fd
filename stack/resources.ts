import { setTimeout } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type TableDescription,
  type TimeToLiveSpecification,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueDefinition, TableDefinition } from './template.ts';

const QUEUE_ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
] as const satisfies QueueAttributeName[];

const TABLE_ACTIVE_TIMEOUT_MS = 10_000;
const TABLE_POLL_MS = 10;

/** Creates a queue, or gives an existing one the definition's attributes. Returns its URL. */
export async function createQueue(client: SQSClient, definition: QueueDefinition): Promise<string> {
  const { QueueName } = definition;
  const Attributes = queueAttributes(definition);
  try {
    return (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl as string;
  } catch (error) {
    // The embedded SQS names its errors with a prefix of the query protocol.
    if (!(error as Error).name.endsWith('QueueNameExists')) throw error;
  }
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  return QueueUrl as string;
}

function queueAttributes(definition: QueueDefinition): Partial<Record<QueueAttributeName, string>> {
  const attributes: Partial<Record<QueueAttributeName, string>> = {};
  for (const name of QUEUE_ATTRIBUTES) {
    const value = definition[name];
    if (value !== undefined)
      attributes[name] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return attributes;
}

/**
 * Creates a table from the properties of an `AWS::DynamoDB::Table` and resolves when it and its indexes can be
 * used. An existing table is left as it is; throws when that one has other keys or indexes.
 */
export async function createTable(client: DynamoDBClient, definition: TableDefinition): Promise<void> {
  const input = createTableInput(definition);
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if ((error as Error).name !== 'ResourceInUseException') throw error;
    const existing = await activeTable(client, definition.TableName);
    if (keysAndIndexes(existing) === keysAndIndexes(input)) return;
    throw new Error(
      `The table ${definition.TableName} in the data directory has other keys or indexes than serverless.yml gives ` +
        'it, and the embedded DynamoDB cannot change them. Nothing was changed. To keep the data, run the version ' +
        'that wrote it, or set DATA_DIR to another folder; to start afresh, delete the folder "dynamodb" in the data ' +
        'directory.',
      { cause: error },
    );
  }
  await activeTable(client, definition.TableName);
  await enableTimeToLive(client, definition);
}

/** What CreateTable accepts and every engine understands; encryption and backups mean nothing locally. */
function createTableInput(definition: TableDefinition): CreateTableCommandInput {
  const properties = definition as unknown as CreateTableCommandInput;
  return {
    TableName: definition.TableName,
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes,
    LocalSecondaryIndexes: properties.LocalSecondaryIndexes,
    BillingMode: properties.BillingMode,
    ProvisionedThroughput: properties.ProvisionedThroughput,
  };
}

async function activeTable(client: DynamoDBClient, TableName: string): Promise<TableDescription> {
  const deadline = Date.now() + TABLE_ACTIVE_TIMEOUT_MS;
  for (;;) {
    const { Table = {} } = await client.send(new DescribeTableCommand({ TableName }));
    const indexes = Table.GlobalSecondaryIndexes ?? [];
    const active = indexes.every((index) => index.IndexStatus === 'ACTIVE');
    if (active && Table.TableStatus === 'ACTIVE') return Table;
    if (Date.now() > deadline) throw new Error(`The table ${TableName} is still ${Table.TableStatus}.`);
    await setTimeout(TABLE_POLL_MS);
  }
}

/** A comparable form of what cannot be changed in place. */
function keysAndIndexes(table: TableDescription | CreateTableCommandInput): string {
  const keys = (schema: TableDescription['KeySchema']) =>
    schema?.map((key) => [key.KeyType, key.AttributeName]).sort();
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])].map(
    (index) => [
      index.IndexName,
      keys(index.KeySchema),
      index.Projection?.ProjectionType,
      index.Projection?.NonKeyAttributes?.toSorted(),
    ],
  );
  return JSON.stringify([keys(table.KeySchema), indexes.sort()]);
}

async function enableTimeToLive(client: DynamoDBClient, definition: TableDefinition): Promise<void> {
  const specification = definition.TimeToLiveSpecification as TimeToLiveSpecification | undefined;
  if (specification?.Enabled !== true) return;
  const { TableName } = definition;
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: specification }));
  } catch (error) {
    // dynalite never expires items. DynamoDB promises no moment for it either, so no reader relies on it.
    if ((error as Error).name !== 'UnknownOperationException') throw error;
  }
}
