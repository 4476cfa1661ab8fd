/**
 * Who may see the page, which the parameter `page` chooses: `off` (nobody: there is no function, the default), `iam`
 * (identities that may invoke the API), `token` (holders of the token in the parameter store) or `loopback` (everyone; only
 * the stage `local` has what it refers to).
 */
const { arn } = require('./names.cjs');
const { allow, allowItems, indexArn, parameterArn, roleMaker } = require('./role.cjs');

const TOKEN_PARAMETER = '/rtc-callbacks/${sls:stage}/page-token';

const ROUTES = [
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/page/{view}' },
];

/** Dismissing and snoozing; with a token also signing in and out. */
const FORMS = { method: 'POST', path: '/page/{view}' };

/**
 * What the decision to hide an attention item names: its key, the attribute that it is written into, and those that have
 * to be as they were read (`lib/attention/hidden.ts`).
 */
const HIDING = [
  ...['pk', 'sk', 'failureHidden', 'attention', 'attentionAt', 'attentionReason'],
  ...['overdueHidden', 'watch', 'watchReason', 'watchSince'],
];

/** It reads the table as the read API does, hides attention items, and may read its own token. */
function pageRole(role, statements) {
  return role('page', [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], arn('LedgerTable')),
    allow('dynamodb:Query', ['rooms', 'attention', 'watch', 'place'].map(indexArn)),
    allowItems('dynamodb:UpdateItem', ['task#*', 'heartbeat'], HIDING),
    ...statements,
  ]);
}

function page(role, routes, environment, statements = []) {
  return {
    function: {
      handler: '.build/page.handler',
      description: 'Shows people what the read API answers',
      role: 'PageRole',
      // The sums of a month may take long; the gateway waits 30 s.
      timeout: 29,
      package: { patterns: ['.build/page.cjs'] },
      environment: {
        TABLE_NAME: '${param:tableName}',
        STAGE: '${sls:stage}',
        THUMBNAILS: '${self:custom.parameters.pageThumbnails}',
        TIME_ZONE: '${self:custom.parameters.pageTimeZone}',
        ...environment,
      },
      events: routes.map((route) => ({ httpApi: route })),
    },
    resources: { Resources: { PageRole: pageRole(role, statements) } },
  };
}

const ALL = [...ROUTES, FORMS];
const iamRoutes = ALL.map((route) => ({ ...route, authorizer: { type: 'aws_iam' } }));

module.exports = async (variables) => {
  const role = await roleMaker(variables);
  return {
    off: { function: null, resources: {} },
    iam: page(role, iamRoutes, { ACCESS: 'iam' }),
    token: page(
      role,
      ALL,
      {
        ACCESS: 'token',
        TOKEN_PARAMETER,
        AWS_ENDPOINT_URL_SSM: { 'Fn::Sub': 'https://ssm.${AWS::Region}.${AWS::URLSuffix}' },
      },
      [allow('ssm:GetParameter', parameterArn('page-token'))],
    ),
    loopback: page(role, ALL, {
      ACCESS: 'loopback',
      REFRESH_SECONDS: '2',
      LOCAL_STACK_URL: '${param:localUrl}',
    }),
  };
};
