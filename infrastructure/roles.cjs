/** What each function may do, and nothing more. */
const { SOURCES } = require('../lib/vendors/index.ts');
const { arn, roleId } = require('./names.cjs');
const { allow, allowItems, indexArn, parameterArn, roleMaker } = require('./role.cjs');

/** Sends to the one queue, spills into the table, and reads the secrets of its vendor. */
const ingest = (vendor) => [
  allow('sqs:SendMessage', arn('CallbackQueue')),
  allowItems('dynamodb:PutItem', ['spill#*', 'body#*']),
  allow('ssm:GetParameter', parameterArn(vendor)),
];

const STATEMENTS = {
  ...Object.fromEntries([...SOURCES].map(([name, { vendor }]) => [name, ingest(vendor)])),
  'unknown-path': [],
  consumer: [
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn('CallbackQueue')),
    allow('sqs:SendMessage', arn('QuarantineQueue')),
    allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], arn('LedgerTable')),
    allowItems('dynamodb:GetItem', ['body#*']),
  ],
  drain: [
    allow('sqs:SendMessage', arn('CallbackQueue')),
    allowItems(['dynamodb:Query', 'dynamodb:DeleteItem'], ['spill#*']),
  ],
  watch: [
    allow('dynamodb:Query', ['attention', 'watch'].map(indexArn)),
    allowItems(
      ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      ['task#*', 'heartbeat'],
    ),
  ],
  query: [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], arn('LedgerTable')),
    allow('dynamodb:Query', ['rooms', 'attention', 'watch'].map(indexArn)),
  ],
};

module.exports = async (variables) => {
  const role = await roleMaker(variables);
  const roles = Object.entries(STATEMENTS).map(([name, statements]) => [
    roleId(name),
    role(name, statements),
  ]);
  return { Resources: Object.fromEntries(roles) };
};
