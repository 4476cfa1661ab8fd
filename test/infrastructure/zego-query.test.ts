import { beforeAll, expect, test } from 'vitest';
import { type PackagedService, packaged } from '../support/packaged.ts';

let off: PackagedService;
let on: PackagedService;

beforeAll(async () => {
  [off, on] = await Promise.all([packaged('usual'), packaged('full')]);
});

test('off, the function is not there at all', () => {
  expect(JSON.stringify(off.resources)).not.toMatch(/zego-query|ZegoQuery|server-secrets/);
});

test('on, it runs every quarter of an hour', () => {
  const rules = Object.values(on.resources).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::Events::Rule' && JSON.stringify(Properties.Targets).includes('ZegoDashquery'),
  );
  expect(rules.map(({ Properties }) => Properties.ScheduleExpression)).toEqual(['rate(15 minutes)']);
});

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

/** Whether a text is like a pattern of IAM. */
function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

/** The roles that may do something with a parameter of the stage, by whatever wildcard. */
function rolesThatMay(action: string, parameter: string): string[] {
  const arn = `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/rtc-callbacks/prod/${parameter}`;
  const allows = ({ Effect, Action, Resource }: Statement) =>
    Effect === 'Allow' &&
    [Action].flat().some((pattern) => isLike(action, pattern)) &&
    [Resource]
      .flat()
      .map((resource) => (resource as { 'Fn::Sub'?: string })?.['Fn::Sub'] ?? resource)
      .some((resource) => typeof resource === 'string' && isLike(arn, resource));
  return Object.entries(on.resources).flatMap(([id, { Type, Properties }]) => {
    if (Type !== 'AWS::IAM::Role') return [];
    const statements = (Properties.Policies ?? []).flatMap(
      (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
    );
    return statements.some(allows) ? [id] : [];
  });
}

test('the ServerSecret has a parameter of its own, which this function alone may read', () => {
  for (const action of ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath'])
    expect(rolesThatMay(action, 'zego-server-secrets')).toEqual(
      action === 'ssm:GetParameter' ? ['ZegoQueryRole'] : [],
    );
  expect(rolesThatMay('ssm:GetParameter', 'zego')).not.toContain('ZegoQueryRole');
  for (const [id, { Type, Properties }] of Object.entries(on.resources)) {
    if (Type !== 'AWS::Lambda::Function' || id.startsWith('ZegoDashquery')) continue;
    expect(JSON.stringify(Properties.Environment ?? {})).not.toContain('server-secrets');
  }
});
