/** The alarms. All of them publish to one topic, which people and their tools subscribe to. */

const { alarm } = require('./alarm.cjs');
const { PREFIX, attribute, reference, roleId } = require('./names.cjs');
const { deployedSources } = require('./sources.cjs');

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

/** A number that the watch counts every five minutes. */
function watchMetric(name) {
  return { Namespace: PREFIX, MetricName: name, Statistic: 'Maximum', Period: 300 };
}

/** So many refusals of one source in ten minutes are no stray request. */
const MOST_REFUSALS = 4;

/** What a wrong secret is answered with; scanners are mostly refused for other reasons. */
const SECRET_REASONS = ['wrong_signature', 'unknown_app'];

/** The refusals of one source that a wrong or missing secret explains. */
function refusalAlarm(source) {
  const counts = SECRET_REASONS.map((reason) => ({
    Id: reason,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: PREFIX,
        MetricName: 'ackMs',
        Dimensions: [
          { Name: 'source', Value: source },
          { Name: 'reason', Value: reason },
        ],
      },
      Stat: 'SampleCount',
      Period: 600,
    },
  }));
  const sum = SECRET_REASONS.map((reason) => `FILL(${reason}, 0)`).join(' + ');
  return alarm(
    `refusals-${source}`,
    `Callbacks of ${source} do not verify: the secret is wrong or missing.`,
    { Metrics: [{ Id: 'refused', Expression: sum, ReturnData: true }, ...counts] },
    { threshold: MOST_REFUSALS },
  );
}

/** `RongcloudRecordingRefusalAlarm` of `rongcloud-recording`. */
const refusalAlarmId = (source) => roleId(source).replace(/Role$/, 'RefusalAlarm');

/** Sends alarms and notices to an address, which has to confirm it. */
function subscription(email) {
  const Properties = { TopicArn: reference('AlarmTopic'), Protocol: 'email', Endpoint: email };
  return { AlertSubscription: { Type: 'AWS::SNS::Subscription', Properties } };
}

const MESSAGES = 'ApproximateNumberOfMessagesVisible';

const ALARMS = {
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
    FailedUploadAlarm: alarm(
      'failed-uploads',
      'Failed uploads can still be saved, and have waited for failedUploadAlarmMinutes.',
      watchMetric('savable'),
    ),
    LostFileAlarm: alarm('lost-files', 'A vendor has deleted a file that it could not upload.', {
      ...watchMetric('newlyLost'),
      Statistic: 'Sum',
    }),
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
    ChangeLostAlarm: alarm('changes-lost', 'A change could not be published as an event.', {
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

module.exports = async ({ resolveVariable }) => {
  const email = await resolveVariable('self:custom.parameters.alertEmail');
  const sources = await deployedSources(resolveVariable);
  const refusals = sources.map(({ name }) => [refusalAlarmId(name), refusalAlarm(name)]);
  return {
    ...ALARMS,
    Resources: {
      ...ALARMS.Resources,
      ...Object.fromEntries(refusals),
      ...(email === '' ? {} : subscription(email)),
    },
  };
};
