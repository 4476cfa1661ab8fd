import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CallbackEvent } from '../callback/callback.ts';
import type { Observation } from '../callback/observation.ts';
import type { Envelope } from '../queue/envelope.ts';
import { type Acceptance, acceptanceUse, acceptedBy } from './acceptance.ts';
import type { Item } from './facets.ts';
import { type CredentialUse, credentialClaim, type EventOptions, eventCheck, eventPut } from './history.ts';
import { createPictureDays } from './picture-days.ts';
import { corrections, facetUpdate, type LedgerUpdate, type Owner, placeCorrections } from './updates.ts';

/**
 * What a claim of a credential found: the `first` body seen with it, the same body `again` (sent twice by the
 * vendor, or delivered twice by the queue), or another body: the credential is `reused`.
 */
export type ClaimResult = 'first' | 'again' | 'reused';

/** The writing side of the ledger. Every write is conditional, and none needs a read. */
export interface Ledger {
  /**
   * Whether the observation changed the state; `false` when a higher or equal order was there. What it changed expires
   * at `expiresAt`, Unix time in ms, unless that is absent.
   */
  apply(owner: Owner, observation: Observation, expiresAt?: number): Promise<boolean>;
  /** Adds an event to the history, once; `false` when it was there. */
  record(owner: Owner, event: CallbackEvent, envelope: Envelope, options: EventOptions): Promise<boolean>;
  /** Whether the event is in the history as it was signed at `timestamp`, which is given as it was received. */
  isRecorded(owner: Owner, event: CallbackEvent, timestamp: string): Promise<boolean>;
  /** Takes a credential for the body that came with it. */
  claim(owner: Owner, use: CredentialUse): Promise<ClaimResult>;
  /** Who accepted a message with exactly this text, if anybody did. Remembers that it was applied, at Unix time in ms. */
  acceptance(text: string, now: number): Promise<Acceptance | undefined>;
}

/** The ledger in a DynamoDB table. Rejects with the SDK's exceptions. */
export function createLedger(
  client: DynamoDBClient,
  tableName: string,
  markPictureDay = createPictureDays(client, tableName),
): Ledger {
  /** Whether it was written, and the item: as it is now, or as it was when it prevented the write. */
  async function update(input: LedgerUpdate): Promise<{ written: boolean; item: Item | undefined }> {
    const result = await client
      .send(new UpdateItemCommand({ TableName: tableName, ...input }))
      .catch(expected);
    if (result instanceof ConditionalCheckFailedException) return { written: false, item: result.Item };
    return { written: true, item: result.Attributes };
  }

  return {
    async apply(owner, observation, expiresAt) {
      await markPictureDay(owner, observation, expiresAt);
      const { written, item } = await update(facetUpdate(owner, observation, expiresAt));
      const [results] = await Promise.all([
        Promise.all(corrections(owner, observation, item, written).map(update)),
        Promise.all(placeCorrections(owner, observation, item).map(update)),
      ]);
      return written || results.some((result) => result.written);
    },

    async record(owner, event, envelope, options) {
      const input = { TableName: tableName, ...eventPut(owner, event, envelope, options) };
      const result = await client.send(new PutItemCommand(input)).catch(expected);
      return !(result instanceof ConditionalCheckFailedException);
    },

    async isRecorded(owner, event, timestamp) {
      return (await update(eventCheck(owner, event, timestamp))).written;
    },

    async claim(owner, use) {
      const input = { TableName: tableName, ...credentialClaim(owner, use) };
      const result = await client.send(new UpdateItemCommand(input)).catch(expected);
      if (result instanceof ConditionalCheckFailedException) return 'reused';
      return result.Attributes?.pk === undefined ? 'first' : 'again';
    },

    async acceptance(text, now) {
      const { written, item } = await update(acceptanceUse(text, now));
      return written ? acceptedBy(item) : undefined;
    },
  };
}

/** A condition that does not hold is an answer, not a fault. */
function expected(error: unknown): ConditionalCheckFailedException {
  if (error instanceof ConditionalCheckFailedException) return error;
  throw error;
}
