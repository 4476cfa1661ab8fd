/** The functions that receive callbacks, by vendor; each has a role of its own. */
const FUNCTIONS = {
  rongcloud: [
    'rongcloud-recording',
    'rongcloud-screenshot',
    'rongcloud-room',
    'rongcloud-cdn',
    'rongcloud-player',
    'rongcloud-moderation',
  ],
  tencent: ['tencent'],
  zego: ['zego', 'zego-recording'],
};

const ACCOUNT = ['${AWS::Partition}', '${AWS::Region}', '${AWS::AccountId}'];

/** `RongcloudRecordingRole` of `rongcloud-recording`. */
function roleId(name) {
  const words = name.split('-').map((word) => word[0].toUpperCase() + word.slice(1));
  return `${words.join('')}Role`;
}

function arn(service, resource) {
  const [partition, region, account] = ACCOUNT;
  return { 'Fn::Sub': `arn:${partition}:${service}:${region}:${account}:${resource}` };
}

function allow(action, resource, condition) {
  const statement = { Effect: 'Allow', Action: action, Resource: resource };
  return condition === undefined ? statement : { ...statement, Condition: condition };
}

/** It writes its log, sends to the one queue, spills into the table, and reads the secrets of its vendor. */
function ingestRole(name, vendor) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: '${self:custom.lambdaRole}',
      Policies: [
        {
          PolicyName: name,
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              allow(
                ['logs:CreateLogStream', 'logs:PutLogEvents'],
                arn('logs', 'log-group:/aws/lambda/${self:custom.prefix}-' + `${name}:*`),
              ),
              allow('sqs:SendMessage', { 'Fn::GetAtt': ['CallbackQueue', 'Arn'] }),
              allow(
                'dynamodb:PutItem',
                { 'Fn::GetAtt': ['LedgerTable', 'Arn'] },
                {
                  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['spill#*', 'body#*'] },
                },
              ),
              allow('ssm:GetParameter', arn('ssm', 'parameter/rtc-callbacks/${sls:stage}/' + vendor)),
            ],
          },
        },
      ],
    },
  };
}

const roles = Object.entries(FUNCTIONS).flatMap(([vendor, names]) =>
  names.map((name) => [roleId(name), ingestRole(name, vendor)]),
);

module.exports = { Resources: Object.fromEntries(roles) };
