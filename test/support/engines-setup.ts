import type { TestProject } from 'vitest/node';
import { findJava, startDynamodbLocal } from './engine-servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where DynamoDB Local listens; `undefined` where there is no Java to run it. */
    dynamodbLocal: string | undefined;
  }
}

/** Starts DynamoDB Local once for all the tests of the project. */
export default async function setup(project: TestProject): Promise<(() => Promise<unknown>) | undefined> {
  const java = findJava();
  const server = java === undefined ? undefined : await startDynamodbLocal(java);
  project.provide('dynamodbLocal', server?.endpoint);
  return server?.stop;
}
