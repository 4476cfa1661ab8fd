/** What calls a person. Every alarm tells one topic, to which one subscribes what should hear of it. */

const { alarm } = require('./alarm.cjs');
const { PREFIX, attribute, reference } = require('./names.cjs');

function queueMetric(queue, name) {
  return {
    Namespace: 'AWS/SQS',
    MetricName: name,
    Dimensions: [{ Name: 'QueueName', Value: attribute(queue, 'QueueName') }],
    Statistic: 'Maximum',
    Period: 60,
  };
}

function functionErrors(logicalId) {
  return { ...functionMetric(logicalId, 'Errors'), Statistic: 'Sum', Period: 300 };
}

function functionMetric(logicalId, name) {
  return {
    Namespace: 'AWS/Lambda',
    MetricName: name,
    Dimensions: [{ Name: 'FunctionName', Value: reference(logicalId) }],
    Statistic: 'Maximum',
    Period: 60,
  };
}

/** Rings while there is an attention item of a reason; the watch counts them every five minutes. */
function attentionAlarm(reason, description) {
  const metric = { Namespace: PREFIX, MetricName: reason, Statistic: 'Maximum', Period: 300 };
  return alarm(reason.replaceAll('_', '-'), description, metric);
}

const MESSAGES = 'ApproximateNumberOfMessagesVisible';

module.exports = {
  Resources: {
    AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: `${PREFIX}-alarms` } },

    DeadLetterAlarm: alarm(
      'dead-letters',
      'A callback failed twelve times and waits in the dead-letter queue.',
      queueMetric('DeadLetterQueue', MESSAGES),
    ),
    QuarantineAlarm: alarm(
      'quarantine',
      'A callback that cannot be applied waits in the quarantine queue.',
      queueMetric('QuarantineQueue', MESSAGES),
    ),
    QueueAgeAlarm: alarm(
      'queue-age',
      'The oldest callback in the queue has waited for more than five minutes.',
      queueMetric('CallbackQueue', 'ApproximateAgeOfOldestMessage'),
      { threshold: 300, periods: 3 },
    ),
    SpillAlarm: alarm(
      'spill-depth',
      'Spilled callbacks wait in the table, because the queue does not take them.',
      { Namespace: PREFIX, MetricName: 'spillDepth', Statistic: 'Maximum', Period: 60 },
      { periods: 3, of: 5 },
    ),
    DrainErrorAlarm: alarm(
      'drain-errors',
      'Spilled callbacks cannot be looked for, or not be moved into the queue.',
      functionErrors('DrainLambdaFunction'),
      { threshold: 2, periods: 2 },
    ),
    PurgeNearAlarm: attentionAlarm(
      'purge_near',
      'A vendor will soon delete a file that it could not upload.',
    ),
    UploadMissingAlarm: attentionAlarm(
      'upload_missing',
      'A recording has ended, and the upload of a file has not been reported.',
    ),
    TaskSilentAlarm: attentionAlarm('task_silent', 'A task has started and went silent.'),
    ScreenshotMissingAlarm: attentionAlarm(
      'screenshot_missing',
      'A screenshot task runs and no pictures come.',
    ),
    AppSilentAlarm: attentionAlarm('app_silent', 'An app used to call and has gone silent.'),
    WatchErrorAlarm: alarm(
      'watch-errors',
      'What needs attention cannot be looked for.',
      functionErrors('WatchLambdaFunction'),
      { periods: 3 },
    ),
    ConsumerErrorAlarm: alarm(
      'consumer-errors',
      'The consumer does not load, runs out of memory or out of time.',
      functionErrors('ConsumerLambdaFunction'),
    ),
    ChangeAgeAlarm: alarm(
      'change-age',
      'Changes have waited for more than five minutes to get on the event bus.',
      functionMetric('ChangesLambdaFunction', 'IteratorAge'),
      { threshold: 300_000, periods: 3 },
    ),
    ChangeFailureAlarm: alarm(
      'change-failures',
      'Changes did not get on the event bus for twelve hours; the stream still has them for as long.',
      queueMetric('ChangeFailureQueue', MESSAGES),
    ),
    ChangeLostAlarm: alarm('changes-lost', 'A change could not be told as an event.', {
      Namespace: PREFIX,
      MetricName: 'changesLost',
      Statistic: 'Sum',
      Period: 60,
    }),
    WebhookAlarm: alarm(
      'webhook-dead-letters',
      'The receiver of the webhook has not taken an event for 30 hours.',
      queueMetric('WebhookDeadLetterQueue', MESSAGES),
    ),
  },
  Outputs: { AlarmTopicArn: { Value: reference('AlarmTopic') } },
};
