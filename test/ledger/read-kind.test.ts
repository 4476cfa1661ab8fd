import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { type Item, taskFacets } from '../../lib/ledger/facets.ts';
import { fileSortKey, taskKey } from '../../lib/ledger/keys.ts';
import { type FileWithKind, readFileWithKind } from '../../lib/ledger/read-kind.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { NOW } from '../support/callbacks.ts';
import { describeOnDynalite, describeOnEngines, type Engine } from '../support/engines.ts';
import { freshLedger } from '../support/fresh-ledger.ts';

const PK = taskKey('zego', 'app', 'task');

function fileOf(name: string, place: string, value: object, attributes: Item = {}): Item {
  return {
    ...{ pk: { S: PK }, sk: { S: fileSortKey(name) }, place: { S: `${place}#zego#app#0` } },
    ...{ upload: { S: JSON.stringify({ at: NOW, status: 'uploaded', ...value }) }, uploadOrder: { S: '0#' } },
    ...attributes,
  };
}

/** Four of them are more than DynamoDB looks at for one page of a query. */
function largePicture(name: string): Item {
  return fileOf(name, 'f', { kind: 'screenshot', task: {} }, { padding: { S: 'x'.repeat(300_000) } });
}

function recording(name: string): Item {
  return fileOf(name, 'b', { kind: 'recording', task: { kind: 'recording' } });
}

const PICTURES = ['1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg'].map(largePicture);

describeOnEngines('the file that says what a task is', (engine) => {
  it('is found among pictures', async () => {
    const playlist = recording('3.m3u8');
    expect(await readOf(engine, ...PICTURES, playlist)).toEqual({ file: playlist });
  });
});

// The page of a query with a filter is longer on DynamoDB Local than on DynamoDB.
describeOnDynalite('the file that says what a task is', (engine) => {
  it('is looked for in one page of a query: pictures without end cost no more', async () => {
    expect(await readOf(engine, ...PICTURES, recording('9.m3u8'))).toEqual({
      file: PICTURES[0],
      isKindOfFile: true,
    });
  });
});

async function readOf(engine: Engine, ...files: Item[]): Promise<FileWithKind> {
  const { client, tableName: TableName } = await freshLedger(engine);
  for (const Item of files) await client.send(new PutItemCommand({ TableName, Item }));
  return readFileWithKind(createLedgerTable(client, TableName), PK, taskFacets(undefined), files[0]);
}
