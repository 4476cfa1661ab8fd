/** The function that asks ZEGOCLOUD, where the parameter `zegoQuery` is on. */
const { allow, allowItems, indexArn, parameterArn, roleMaker } = require('./role.cjs');

module.exports = async (variables) => {
  const { zegoQuery } = await variables.resolveVariable('self:custom.parameters');
  if (zegoQuery === 'off') return { function: null, Resources: {} };
  const role = await roleMaker(variables);
  return {
    function: {
      handler: '.build/zego-query.handler',
      description: 'Asks ZEGOCLOUD about recordings whose callbacks did not come',
      role: 'ZegoQueryRole',
      timeout: 120,
      package: { patterns: ['.build/zego-query.cjs'] },
      environment: {
        TABLE_NAME: '${param:tableName}',
        RETENTION_DAYS: '${self:custom.parameters.retentionDays}',
        ZEGO_SERVER_SECRETS: '${param:zegoServerSecrets, null}',
        ZEGO_QUERY_ENDPOINT: '${param:zegoQueryEndpoint, null}',
        SECRETS_PARAMETER: '/rtc-callbacks/${sls:stage}/zego-server-secrets',
        AWS_ENDPOINT_URL_SSM: '${param:ssmEndpoint}',
      },
      events: [{ schedule: 'rate(15 minutes)' }],
    },
    Resources: {
      ZegoQueryRole: role('zego-query', [
        allow('dynamodb:Query', ['attention', 'watch'].map(indexArn)),
        allowItems(['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'], ['task#*']),
        allowItems('dynamodb:Query', ['erased']),
        allowItems('dynamodb:PutItem', ['report']),
        allow('ssm:GetParameter', parameterArn('zego-server-secrets')),
      ]),
    },
  };
};
