import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import { CommandFailure, EXIT } from './failure.ts';

/** The outputs of a CloudFormation stack by name; looked up once, when one is first needed. */
export function createStackOutputs(
  settings: CloudFormationClientConfig,
  stackName: string,
): () => Promise<ReadonlyMap<string, string>> {
  let outputs: Promise<ReadonlyMap<string, string>> | undefined;

  async function lookUp(): Promise<ReadonlyMap<string, string>> {
    const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
    const command = new DescribeStacksCommand({ StackName: stackName });
    const { Stacks: [stack] = [] } = await new CloudFormationClient(settings).send(command);
    return new Map(stack?.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  return () => {
    outputs ??= lookUp();
    return outputs;
  };
}

/** Takes one output out of those of a stack. Throws a message for people when it is missing. */
export function requiredOutput(
  outputs: ReadonlyMap<string, string>,
  name: string,
  stackName: string,
): string {
  const value = outputs.get(name);
  if (value !== undefined) return value;
  throw new CommandFailure(
    EXIT.unreachable,
    `The CloudFormation stack ${stackName} has no output ${name}. Is this version deployed to it? Else pass --url.`,
  );
}
