import { fileURLToPath } from 'node:url';
import { bundle } from '../../local/bundle.ts';
import { createFunctionRuntime, type FunctionRuntime } from '../../local/stack/function-runtime.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The function `name` as it is deployed, with this environment; cold until it is first invoked. */
export async function bundledFunction(
  name: string,
  environment: Record<string, string>,
  timeoutSeconds = 60,
): Promise<FunctionRuntime> {
  const [built] = await bundle([name], PROJECT);
  return createFunctionRuntime({
    name,
    functionName: `rtc-callbacks-test-${name}`,
    file: built?.file ?? '',
    exportName: 'handler',
    environment: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ...environment },
    timeoutSeconds,
    memorySizeMb: 512,
    region: 'us-east-1',
    routes: [],
    queueSources: [],
    streamSources: [],
    schedules: [],
  });
}
