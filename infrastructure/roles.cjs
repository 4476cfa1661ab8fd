/** What each function may do, and nothing more. */
const { arn, reference, roleId } = require('./names.cjs');
const { allow, allowItems, indexArn, parameterArn, roleMaker } = require('./role.cjs');
const { deployedSources } = require('./sources.cjs');

/** Sends to the one queue, spills into the table, and reads the secrets of its vendor. */
const ingest = (vendor) => [
  allow('sqs:SendMessage', arn('CallbackQueue')),
  allowItems('dynamodb:PutItem', ['spill#*', 'body#*']),
  allow('ssm:GetParameter', parameterArn(vendor)),
];

const STATEMENTS = {
  'unknown-path': [],
  consumer: [
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn('CallbackQueue')),
    allow('sqs:SendMessage', [arn('CallbackQueue'), arn('QuarantineQueue')]),
    allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], arn('LedgerTable')),
    allowItems('dynamodb:GetItem', ['body#*']),
    allowItems('dynamodb:Query', ['erased']),
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
    allow('sns:Publish', reference('AlarmTopic')),
  ],
  write: [
    allowItems(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], ['task#*', 'heartbeat']),
    allowItems('dynamodb:UpdateItem', ['labelled']),
  ],
  query: [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], arn('LedgerTable')),
    allow('dynamodb:Query', ['rooms', 'attention', 'watch', 'place'].map(indexArn)),
  ],
};

module.exports = async (variables) => {
  const role = await roleMaker(variables);
  const sources = await deployedSources(variables.resolveVariable);
  const receivers = Object.fromEntries(sources.map(({ name, vendor }) => [name, ingest(vendor)]));
  const roles = Object.entries({ ...receivers, ...STATEMENTS }).map(([name, statements]) => [
    roleId(name),
    role(name, statements),
  ]);
  return { Resources: Object.fromEntries(roles) };
};
