import { randomUUID } from 'node:crypto';
import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import { createLedger } from '../../lib/ledger/ledger.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { answerQuery, type ReadRequest } from '../../lib/query/query.ts';
import { createTable } from '../../stack/resources.ts';
import { messageOf, NOW, ownerOf, type SourceName, sampleBody } from '../support/callbacks.ts';
import { interceptCommands } from '../support/commands.ts';
import { startConsumer } from '../support/consumer.ts';
import { describeOnEngines } from '../support/engines.ts';
import { ledgerTableDefinition } from '../support/ledger-table.ts';
import { EXPECT, writeApi } from '../support/write-api.ts';

const OWNER = ownerOf('rongcloud');
const LISTS = ['tasks', 'files', 'usage'] as const;
const CALLBACKS: readonly [SourceName, string][] = [
  ['rongcloud-recording', 'start'],
  ['rongcloud-recording', 'upload-failed'],
  ['tencent', 'screenshot'],
];

describeOnEngines('a table whose index "place" is not built yet', (engine) => {
  let client: DynamoDBClient;
  let tableName: string;
  beforeEach(async () => {
    client = engine.connect();
    const definition = ledgerTableDefinition(`early-${randomUUID()}`) as CreateTableCommandInput & {
      TableName: string;
    };
    const { GlobalSecondaryIndexes = [], AttributeDefinitions = [] } = definition;
    const others = GlobalSecondaryIndexes.filter(({ IndexName }) => IndexName !== 'place');
    expect(others).toHaveLength(GlobalSecondaryIndexes.length - 1);
    const names = others.flatMap(({ KeySchema = [] }) => KeySchema.map(({ AttributeName }) => AttributeName));
    await createTable(client, {
      ...definition,
      AttributeDefinitions: AttributeDefinitions.filter(({ AttributeName }) =>
        [...names, 'pk', 'sk'].includes(AttributeName ?? ''),
      ),
      GlobalSecondaryIndexes: others,
      TimeToLiveSpecification: undefined,
    });
    tableName = definition.TableName;
  });

  const ask = (request: ReadRequest) => answerQuery(createLedgerTable(client, tableName), request, NOW);
  const list = (resource: (typeof LISTS)[number]) => ask({ resource, query: { ...OWNER } });

  it('answers lists with 503 index_building, and everything else as ever', async () => {
    const consumer = startConsumer({ client, tableName }, { ledger: createLedger(client, tableName) });
    for (const [source, event] of CALLBACKS)
      expect(await consumer.consume(messageOf(source, sampleBody(source, event)))).toEqual([]);
    expect(consumer.quarantined).toEqual([]);
    for (const resource of LISTS)
      expect(await list(resource)).toEqual({ status: 503, body: { code: 503, reason: 'index_building' } });

    const body = sampleBody('rongcloud-recording', 'start') as { recordId: string; roomId: string };
    const answers = [
      await ask({ resource: 'task', ...OWNER, id: body.recordId, query: { events: 'true' } }),
      await ask({ resource: 'room', ...OWNER, id: body.roomId, query: { files: 'true' } }),
      await ask({ resource: 'attention', query: {} }),
      await ask({ resource: 'apps', query: {} }),
      await writeApi({ client, tableName }).request(EXPECT, {}, 0, { ...OWNER, taskId: 'expected' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers[0]?.body).toMatchObject({ files: [{ status: 'upload_failed' }] });
  });

  it('says the same while DynamoDB fills the index, and of a wrong parameter that it is wrong', async () => {
    interceptCommands(client, async ({ name, input, proceed }) => {
      if (name !== 'QueryCommand' || Reflect.get(input, 'IndexName') !== 'place') return proceed();
      const message = 'Cannot read from backfilling global secondary index: place';
      throw Object.assign(new Error(message), { name: 'ValidationException' });
    });
    for (const resource of LISTS) expect(await list(resource)).toMatchObject({ status: 503 });
    const wrong = await ask({ resource: 'tasks', query: { ...OWNER, limit: '0' } });
    expect(wrong).toMatchObject({ status: 400, body: { reason: expect.stringMatching(/^limit /) } });
  });
});
