import { PARAMETERS } from '../infrastructure/parameters.ts';
import { bundle } from './bundle.ts';

/** Functions of `serverless.yml` by their names. */
type Functions = Record<string, { handler?: string }>;

/** What the plugin needs of the framework's instance. */
interface Framework {
  serviceDir: string;
  service: { functions: Functions };
  /** `serverless.yml`, with its variables resolved. */
  configurationInput: { params?: Record<string, object>; custom?: { parameters?: { problems?: string[] } } };
  /** Its own errors are shown as a message, all others with a stack. */
  classes: { Error: new (message: string, code: string) => Error };
}

/**
 * Builds the functions' code whenever the framework is about to read it, so that no stale code is deployed. Refuses
 * wrong parameters.
 */
export default class BundlePlugin {
  readonly hooks: Record<string, () => Promise<void>>;

  constructor(framework: Framework, options: { function?: string }) {
    refuseWrongParameters(framework);
    const all = () => bundleFunctions(framework, Object.keys(framework.service.functions));
    const one = () => bundleFunctions(framework, options.function === undefined ? [] : [options.function]);
    this.hooks = {
      'before:package:createDeploymentArtifacts': all,
      'before:deploy:function:packageFunction': one,
      'before:invoke:local:invoke': one,
    };
  }
}

function refuseWrongParameters({ configurationInput: { params = {}, custom }, classes }: Framework): void {
  const misplaced = Object.values(params)
    .flatMap((ofStage) => Object.keys(ofStage))
    .filter((name) => PARAMETERS.some((parameter) => parameter.name === name))
    .map(
      (name) => `The parameter ${name} belongs into stages/<stage>.yml, not into params of serverless.yml.`,
    );
  const problems = [...misplaced, ...(custom?.parameters?.problems ?? [])];
  if (problems.length > 0) throw new classes.Error(problems.join('\n'), 'WRONG_PARAMETERS');
}

async function bundleFunctions(framework: Framework, keys: string[]): Promise<void> {
  try {
    await bundle(bundleNames(framework.service.functions, keys), framework.serviceDir);
  } catch (error) {
    throw new framework.classes.Error((error as Error).message, 'BUNDLE_FAILED');
  }
}

/** Which bundles hold these functions; several may share one. Throws when the handler of one is in none. */
export function bundleNames(functions: Functions, keys = Object.keys(functions)): string[] {
  return [...new Set(keys.map((key) => bundleName(key, functions[key]?.handler)))];
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
