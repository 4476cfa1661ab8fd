import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../build/bundle.ts';
import { SOURCES } from '../../lib/vendors/index.ts';
import { createFunctionRuntime, type FunctionRuntime } from '../../stack/function-runtime.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** How a function is run, where it is not as usual. */
export interface RunOptions {
  timeoutSeconds?: number | undefined;
  /** Where what it prints goes; by default it is shown with a test that fails. */
  output?: NodeJS.WritableStream;
}

const bundles = new Map<string, Promise<string>>();

/** The function `name` as it is deployed, with this environment; cold until it is loaded or first invoked. */
export async function bundledFunction(
  name: string,
  environment: Record<string, string>,
  { timeoutSeconds = 60, output = ofTheTest() }: RunOptions = {},
): Promise<FunctionRuntime> {
  const source = SOURCES.get(name);
  // The functions of a vendor's sources share a bundle.
  const bundled = source?.vendor ?? name;
  const file = bundles.get(bundled) ?? bundle([bundled], PROJECT).then(([built]) => built?.file ?? '');
  bundles.set(bundled, file);
  const definition = {
    name,
    functionName: `rtc-callbacks-test-${name}`,
    file: await file,
    exportName: 'handler',
    environment: {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      ...(source && { SOURCE: name }),
      ...environment,
    },
    timeoutSeconds,
    memorySizeMb: 1024,
    region: 'us-east-1',
    routes: [],
    queueSources: [],
    streamSources: [],
    schedules: [],
  };
  return createFunctionRuntime(definition, { output });
}

/** Lines of the test that runs, which vitest shows when it fails. */
function ofTheTest(): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      console.log(String(chunk).trimEnd());
      done();
    },
  });
}
