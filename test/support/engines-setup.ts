import type { TestProject } from 'vitest/node';
import { findJava, startDynamodbLocal } from './engine-servers.ts';
import { isWholeSuite } from './suite.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where DynamoDB Local listens; `undefined` in `npm test`, and where there is no Java to run it. */
    dynamodbLocal: string | undefined;
  }
}

/** Starts DynamoDB Local once for all tests of `npm run test:all`. */
export default async function setup(project: TestProject): Promise<(() => Promise<unknown>) | undefined> {
  const java = isWholeSuite ? findJava() : undefined;
  const server = java === undefined ? undefined : await startDynamodbLocal(java);
  project.provide('dynamodbLocal', server?.endpoint);
  return server?.stop;
}
