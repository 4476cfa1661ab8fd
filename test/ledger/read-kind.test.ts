import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import { type Item, taskFacets } from '../../lib/ledger/facets.ts';
import { fileSortKey, taskKey } from '../../lib/ledger/keys.ts';
import { readFileWithKind } from '../../lib/ledger/read-kind.ts';
import { createLedgerTable } from '../../lib/ledger/table.ts';
import { NOW } from '../support/callbacks.ts';
import { describeOnEngines } from '../support/engines.ts';
import { type FreshLedger, freshLedger } from '../support/fresh-ledger.ts';

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

describeOnEngines('the file that says what a task is', (engine) => {
  let store: FreshLedger;
  beforeEach(async () => {
    store = await freshLedger(engine);
  });
  const readOf = async (...files: Item[]) => {
    const { client, tableName: TableName } = store;
    for (const Item of files) await client.send(new PutItemCommand({ TableName, Item }));
    return readFileWithKind(createLedgerTable(client, TableName), PK, taskFacets(undefined), files[0]);
  };
  const pictures = ['1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg'].map(largePicture);

  it('is found among pictures', async () => {
    const playlist = recording('3.m3u8');
    expect(await readOf(...pictures, playlist)).toEqual({ file: playlist });
  });

  it('is looked for in one page of a query: pictures without end cost no more', async () => {
    expect(await readOf(...pictures, recording('9.m3u8'))).toEqual({ file: pictures[0], isKindOfFile: true });
  });
});
