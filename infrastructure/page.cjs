/**
 * Who may see the page, which the parameter `page` chooses: `off` (nobody: there is no function, the default), `iam`
 * (whoever may invoke the API), `token` (whoever knows the token in the parameter store) or `loopback` (everyone; only
 * the stage `local` has what it refers to).
 */
const TOKEN_PARAMETER = '/rtc-callbacks/${sls:stage}/page-token';

const ROUTES = [
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/page/{view}' },
];

/** Signing in and out. */
const FORMS = { method: 'POST', path: '/page/{view}' };

function arn(service, resource) {
  return { 'Fn::Sub': 'arn:${AWS::Partition}:' + service + ':${AWS::Region}:${AWS::AccountId}:' + resource };
}

function allow(action, resource) {
  return { Effect: 'Allow', Action: action, Resource: resource };
}

/** It reads the table as the read API does, and may read its own token. */
function role(statements) {
  const read = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
  const indexes = ['rooms', 'attention', 'watch'].map((name) => ({ 'Fn::Sub': '${LedgerTable.Arn}/index/' + name }));
  const logGroup = 'log-group:/aws/lambda/${self:custom.prefix}-page:*';
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: '${self:custom.lambdaRole}',
      Policies: [
        {
          PolicyName: 'page',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arn('logs', logGroup)),
              allow(read, { 'Fn::GetAtt': ['LedgerTable', 'Arn'] }),
              allow('dynamodb:Query', indexes),
              ...statements,
            ],
          },
        },
      ],
    },
  };
}

function page(routes, environment, statements = []) {
  return {
    function: {
      handler: '.build/page.handler',
      description: 'Shows people what the read API answers',
      role: 'PageRole',
      timeout: 20,
      package: { patterns: ['.build/page.cjs'] },
      environment: {
        TABLE_NAME: '${param:tableName}',
        STAGE: '${sls:stage}',
        THUMBNAILS: '${param:pageThumbnails}',
        REFRESH_SECONDS: '${param:pageRefreshSeconds}',
        ...environment,
      },
      events: routes.map((route) => ({ httpApi: route })),
    },
    resources: { Resources: { PageRole: role(statements) } },
  };
}

const iamRoutes = ROUTES.map((route) => ({ ...route, authorizer: { type: 'aws_iam' } }));

module.exports = {
  off: { function: null, resources: {} },
  iam: page(iamRoutes, { ACCESS: 'iam' }),
  token: page(
    [...ROUTES, FORMS],
    {
      ACCESS: 'token',
      TOKEN_PARAMETER,
      AWS_ENDPOINT_URL_SSM: { 'Fn::Sub': 'https://ssm.${AWS::Region}.${AWS::URLSuffix}' },
    },
    [allow('ssm:GetParameter', arn('ssm', `parameter${TOKEN_PARAMETER}`))],
  ),
  loopback: page(ROUTES, {
    ACCESS: 'loopback',
    RECENT_CALLBACKS_URL: '${param:localUrl}/local/callbacks',
  }),
};
