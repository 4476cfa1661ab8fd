import { inject } from 'vitest';
import type { SampleSource } from '../../lib/vendors/common/sample.ts';
import { openGateway } from '../../stack/gateway.ts';
import { bundledFunction } from './bundled-function.ts';
import { type Fault, startFaultProxy } from './fault-proxy.ts';

/** The receiving half of the service at a URL of its own. */
export interface Receiver {
  url: string;
  close(): Promise<void>;
}

/** Starts the receiver of some sources, whose every request to the shared stack's queue and table meets a fault. */
export async function startFaultyReceiver(sources: readonly SampleSource[], fault: Fault): Promise<Receiver> {
  const stack = inject('stackUrl');
  const proxies = await Promise.all(
    ['sqs', 'dynamodb'].map((service) => startFaultProxy(`${stack}/aws/${service}`, () => fault)),
  );
  const [sqs, dynamodb] = proxies.map(({ origin }) => origin);
  const environment = {
    QUEUE_URL: `${stack}/aws/sqs/000000000000/rtc-callbacks-local-callbacks`,
    TABLE_NAME: 'rtc-callbacks-local-ledger',
    AWS_ENDPOINT_URL_SQS: sqs ?? '',
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb ?? '',
    CALLBACK_SECRETS: JSON.stringify(inject('stackSecrets')),
  };
  const functions = await Promise.all(
    sources.map(async ({ name, path }) => ({ path, runtime: await bundledFunction(name, environment) })),
  );
  const gateway = await openGateway(0, () => {});
  gateway.serve(
    functions.map(({ path, runtime }) => ({
      routeKey: `ANY ${path}`,
      method: 'ANY',
      path,
      timeoutMs: 60_000,
      invoke: runtime.invoke,
    })),
  );
  return {
    url: gateway.url,
    async close() {
      await gateway.close();
      await Promise.all([
        ...functions.map(({ runtime }) => runtime.stop()),
        ...proxies.map((proxy) => proxy.close()),
      ]);
    },
  };
}
