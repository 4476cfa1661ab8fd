/** A message as the queue holds it. */
export interface StoredMessage {
  body: string;
  messageAttributes: Record<string, { StringValue?: string }>;
}

/**
 * Takes everything out of a queue of the embedded SQS. It is read by the engine's own inspection: receiving ten at a
 * time takes longer than all that is fuzzed.
 */
export async function drainQueue(origin: string, name: string): Promise<StoredMessage[]> {
  const response = await fetch(`${origin}/_fauxqs/queues/${name}`);
  const { messages } = (await response.json()) as { messages: { ready: StoredMessage[] } };
  // What `fetch` notes down of each call would be taken for a leak.
  performance.clearResourceTimings();
  if (messages.ready.length === 0) return [];
  const purged = await fetch(origin, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.PurgeQueue' },
    body: JSON.stringify({ QueueUrl: `${origin}/000000000000/${name}` }),
  });
  await purged.text();
  if (!purged.ok) throw new Error(`The queue ${name} cannot be purged: ${purged.status}`);
  return messages.ready;
}
