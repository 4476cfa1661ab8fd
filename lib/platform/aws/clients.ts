import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** The longest that the SDK waits for a connection, for the beginning of an answer, and between two parts of it. */
const CONNECTION_TIMEOUT_MS = 1_000;
const ANSWER_TIMEOUT_MS = 2_000;

/**
 * Attempts of one call. In standard mode the pauses between them grow from 25 or 50 ms, when throttled from 1 s, and
 * the retry quota ends them early when most calls fail: one call takes 8 s when nothing answers, and 15 s at most.
 */
const MAXIMUM_ATTEMPTS = 4;

/** One for every write that a batch of ten messages may have under way at once: a call that waits for one times out. */
const MAXIMUM_SOCKETS = 320;

/**
 * How the SDK's clients deal with a service that is slow, silent or throttles. Without it they wait for an answer
 * for minutes, and a function would end with its own timeout.
 */
export const AWS_CLIENT_SETTINGS = {
  retryMode: 'standard',
  maxAttempts: MAXIMUM_ATTEMPTS,
  requestHandler: {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: ANSWER_TIMEOUT_MS,
    // Else the SDK only warns.
    throwOnRequestTimeout: true,
    // The request's timeout is over with the answer's head; this one is for an answer that stops in the middle.
    socketTimeout: ANSWER_TIMEOUT_MS,
    httpAgent: { maxSockets: MAXIMUM_SOCKETS },
    httpsAgent: { maxSockets: MAXIMUM_SOCKETS },
  },
} as const satisfies DynamoDBClientConfig;
