/** The event bus that changes leave on, and the webhook that may be one of its readers. */

const { PREFIX, arn, attribute, reference } = require('./names.cjs');
const { allow, allowItems, parameterArn, roleMaker } = require('./role.cjs');

const MESSAGE_RETENTION_SECONDS = 14 * 24 * 60 * 60;

function queue(name, properties = {}) {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `${PREFIX}-${name}`,
      MessageRetentionPeriod: MESSAGE_RETENTION_SECONDS,
      MaximumMessageSize: '${self:custom.parameters.maximumMessageBytes}',
      SqsManagedSseEnabled: true,
      ...properties,
    },
  };
}

/** Nobody uses the queues without TLS; the rule sends to its queue. */
const queuePolicy = {
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: ['ChangeFailureQueue', 'WebhookQueue', 'WebhookDeadLetterQueue'].map(reference),
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'DenyWithoutTls',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: ['ChangeFailureQueue', 'WebhookQueue', 'WebhookDeadLetterQueue'].map(arn),
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        {
          Sid: 'AllowRule',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arn('WebhookQueue'),
          Condition: { ArnEquals: { 'aws:SourceArn': arn('WebhookRule') } },
        },
      ],
    },
  },
};

/** `webhookIsOn` and the resources; without a URL nothing reaches the webhook's queue, and nobody reads it. */
module.exports = async (variables) => {
  const role = await roleMaker(variables);
  const webhookIsOn = (await variables.resolveVariable('self:custom.parameters.webhookUrl')) !== '';
  return {
    webhookIsOn,
    Resources: {
      ChangeBus: { Type: 'AWS::Events::EventBus', Properties: { Name: `${PREFIX}-changes` } },
      // Lambda puts here where in the stream those records are that it has given up.
      ChangeFailureQueue: queue('change-failures'),
      ChangesRole: role('changes', [
        // ListStreams belongs to what Lambda asks for before it reads a stream.
        allow(
          [
            'dynamodb:DescribeStream',
            'dynamodb:GetRecords',
            'dynamodb:GetShardIterator',
            'dynamodb:ListStreams',
          ],
          attribute('LedgerTable', 'StreamArn'),
        ),
        allowItems('dynamodb:BatchGetItem', ['task#*']),
        allowItems('dynamodb:Query', ['labelled']),
        allow('events:PutEvents', arn('ChangeBus')),
        allow('sqs:SendMessage', arn('ChangeFailureQueue')),
      ]),

      WebhookRule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Description: 'Queues every change for the webhook',
          EventBusName: reference('ChangeBus'),
          EventPattern: { source: ['rtc-callbacks'] },
          State: webhookIsOn ? 'ENABLED' : 'DISABLED',
          Targets: [{ Id: 'queue', Arn: arn('WebhookQueue'), InputPath: '$.detail' }],
        },
      },
      WebhookQueue: queue('webhook', {
        // Six times the function's timeout. The function itself chooses when a failed message comes again:
        // after 5 s, 20 s, … 4 h, so that fourteen attempts take 30 hours.
        VisibilityTimeout: 180,
        RedrivePolicy: { deadLetterTargetArn: arn('WebhookDeadLetterQueue'), maxReceiveCount: 14 },
      }),
      WebhookDeadLetterQueue: queue('webhook-dead-letter'),
      ChangeQueuePolicy: queuePolicy,
      WebhookRole: role('webhook', [
        allow(
          [
            'sqs:ReceiveMessage',
            'sqs:DeleteMessage',
            'sqs:GetQueueAttributes',
            'sqs:ChangeMessageVisibility',
          ],
          arn('WebhookQueue'),
        ),
        allow('ssm:GetParameter', parameterArn('webhook')),
      ]),
    },
    Outputs: { ChangeBusName: { Value: reference('ChangeBus') } },
  };
};
