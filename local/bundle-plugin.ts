import { bundle } from './bundle.ts';

/** What the plugin needs of the framework's instance. */
interface Framework {
  serviceDir: string;
  service: { functions: Record<string, { handler?: string }> };
  /** Its own errors are shown as a message, all others with a stack. */
  classes: { Error: new (message: string, code: string) => Error };
}

/** Builds the functions' code whenever the framework is about to read it, so that no stale code is deployed. */
export default class BundlePlugin {
  readonly hooks: Record<string, () => Promise<void>>;

  constructor(framework: Framework, options: { function?: string }) {
    const all = () => bundleFunctions(framework, Object.keys(framework.service.functions));
    const one = () => bundleFunctions(framework, options.function === undefined ? [] : [options.function]);
    this.hooks = {
      'before:package:createDeploymentArtifacts': all,
      'before:deploy:function:packageFunction': one,
      'before:invoke:local:invoke': one,
    };
  }
}

async function bundleFunctions(framework: Framework, keys: string[]): Promise<void> {
  try {
    const names = keys.map((key) => bundleName(key, framework.service.functions[key]?.handler));
    await bundle(names, framework.serviceDir);
  } catch (error) {
    throw new framework.classes.Error((error as Error).message, 'BUNDLE_FAILED');
  }
}

function bundleName(key: string, handler: string | undefined): string {
  const name = /^\.build\/([\w-]+)\.\w+$/.exec(handler ?? '')?.[1];
  if (name === undefined) {
    throw new Error(
      `functions.${key}.handler in serverless.yml must be .build/<name>.handler, not "${handler}".`,
    );
  }
  return name;
}
