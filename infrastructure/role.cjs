/** The shape of a function's role: it may write its own log, and what its statements allow. */

const { PREFIX, arn } = require('./names.cjs');

/** The ARN of something that is not of this template. */
function regionalArn(service, resource) {
  return {
    'Fn::Sub': 'arn:${AWS::Partition}:' + `${service}:` + '${AWS::Region}:${AWS::AccountId}:' + resource,
  };
}

/** The secrets of a vendor, or another parameter of the stage. */
const parameterArn = (name) => regionalArn('ssm', 'parameter/rtc-callbacks/${sls:stage}/' + name);

const indexArn = (name) => ({ 'Fn::Sub': '${LedgerTable.Arn}/index/' + name });

function allow(action, resource) {
  return { Effect: 'Allow', Action: action, Resource: resource };
}

/**
 * Only for the table's items whose partition key is like one of these. With `attributes`, a request may name only these
 * attributes, and may not return the item.
 */
function allowItems(action, leadingKeys, attributes) {
  const condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': leadingKeys } };
  if (attributes !== undefined) {
    condition['ForAllValues:StringEquals'] = { 'dynamodb:Attributes': attributes };
    condition.StringEqualsIfExists = { 'dynamodb:ReturnValues': 'NONE' };
  }
  return { ...allow(action, arn('LedgerTable')), Condition: condition };
}

/** What X-Ray needs; it knows no resources. */
const TRACE = allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*');

function role(name, statements) {
  const log = allow(
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    regionalArn('logs', `log-group:/aws/lambda/${PREFIX}-${name}:*`),
  );
  const document = { Version: '2012-10-17', Statement: [log, ...statements] };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      Policies: [{ PolicyName: name, PolicyDocument: document }],
    },
  };
}

/** Makes roles, as the parameters of the stage want them. */
async function roleMaker({ resolveVariable }) {
  const isTraced = (await resolveVariable('self:custom.parameters.tracing')) === 'on';
  const secretsKey = await resolveVariable('self:custom.parameters.secretsKeyArn');
  return (name, statements) => {
    const readsSecrets = statements.some(({ Action }) => Action === 'ssm:GetParameter');
    return role(name, [
      ...statements,
      ...(readsSecrets && secretsKey ? [allow('kms:Decrypt', secretsKey)] : []),
      ...(isTraced ? [TRACE] : []),
    ]);
  };
}

module.exports = { allow, allowItems, indexArn, parameterArn, roleMaker };
