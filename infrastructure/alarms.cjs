/** What calls a person. Every alarm tells one topic, to which one subscribes what should hear of it. */

const NAMESPACE = '${self:custom.prefix}';

const attribute = (id, name) => ({ 'Fn::GetAtt': [id, name] });
const reference = (id) => ({ Ref: id });

/** Counts log lines of a function, or adds up a number in them. */
function logMetric(logGroup, pattern, name, value, dimensions) {
  return {
    Type: 'AWS::Logs::MetricFilter',
    Properties: {
      LogGroupName: reference(logGroup),
      FilterPattern: pattern,
      MetricTransformations: [
        {
          MetricNamespace: NAMESPACE,
          MetricName: name,
          MetricValue: value,
          ...(dimensions === undefined ? {} : { Dimensions: dimensions }),
        },
      ],
    },
  };
}

/** Rings when the value is above the threshold in `periods` of the last `of` periods. */
function alarm(name, description, value, { threshold = 0, periods = 1, of = periods } = {}) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${NAMESPACE}-${name}`,
      AlarmDescription: description,
      ...value,
      EvaluationPeriods: of,
      DatapointsToAlarm: periods,
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [reference('AlarmTopic')],
      OKActions: [reference('AlarmTopic')],
    },
  };
}

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
  return {
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: reference(logicalId) }],
    Statistic: 'Sum',
    Period: 300,
  };
}

/** The percentage of requests that the API answered with a class of status codes. */
function answerRate(statusClass) {
  const sumOf = (id, name) => ({
    Id: id,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ApiGateway',
        MetricName: name,
        Dimensions: [{ Name: 'ApiId', Value: reference('HttpApi') }],
      },
      Stat: 'Sum',
      Period: 60,
    },
  });
  const rate = { Id: 'rate', Expression: '100 * answers / requests', ReturnData: true };
  return { Metrics: [rate, sumOf('answers', statusClass), sumOf('requests', 'Count')] };
}

/** The entries of `/attention` of each reason, as the watch counts them. */
const ENTRIES = {
  UploadFailed: 'upload_failed',
  PurgeNear: 'purge_near',
  Lost: 'lost',
  UploadMissing: 'upload_missing',
  TaskSilent: 'task_silent',
  ScreenshotMissing: 'screenshot_missing',
  VendorSilent: 'vendor_silent',
};

function entryMetrics() {
  const metrics = Object.entries(ENTRIES).map(([name, reason]) => [
    `${name}Metric`,
    logMetric('WatchLogGroup', '{ $.message = "watch" }', `Attention${name}`, `$.${reason}`),
  ]);
  return Object.fromEntries(metrics);
}

/** Rings while `/attention` has an entry of a reason; the watch counts them every five minutes. */
function entryAlarm(alarmName, description, name) {
  const metric = { Namespace: NAMESPACE, MetricName: `Attention${name}`, Statistic: 'Maximum', Period: 300 };
  return alarm(alarmName, description, metric);
}

const MESSAGES = 'ApproximateNumberOfMessagesVisible';

module.exports = {
  Resources: {
    AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: `${NAMESPACE}-alarms` } },

    EventOnlyMetric: logMetric(
      'ConsumerLogGroup',
      '{ $.message = "consumed" && $.verdict = "event" }',
      'CallbacksKeptAsEvents',
      '1',
      [{ Key: 'source', Value: '$.source' }],
    ),
    QuarantineMetric: logMetric(
      'ConsumerLogGroup',
      '{ $.message = "consumed" && $.verdict = "quarantined" }',
      'CallbacksQuarantined',
      '1',
      [{ Key: 'reason', Value: '$.reason' }],
    ),
    SpillDepthMetric: logMetric('DrainLogGroup', '{ $.message = "drain" }', 'SpillDepth', '$.left'),

    ...entryMetrics(),

    DeadLetterAlarm: alarm(
      'dead-letters',
      'A callback failed five times and waits in the dead-letter queue.',
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
      { Namespace: NAMESPACE, MetricName: 'SpillDepth', Statistic: 'Maximum', Period: 60 },
      { periods: 3, of: 5 },
    ),
    DrainErrorAlarm: alarm(
      'drain-errors',
      'Spilled callbacks cannot be looked for, or not be moved into the queue.',
      functionErrors('DrainLambdaFunction'),
      { threshold: 2, periods: 2 },
    ),
    PurgeNearAlarm: entryAlarm(
      'purge-near',
      'A vendor will soon delete a file that it could not upload.',
      'PurgeNear',
    ),
    UploadMissingAlarm: entryAlarm(
      'upload-missing',
      'A recording has ended, and word of the upload of a file is missing.',
      'UploadMissing',
    ),
    TaskSilentAlarm: entryAlarm('task-silent', 'A task has started and went silent.', 'TaskSilent'),
    ScreenshotMissingAlarm: entryAlarm(
      'screenshot-missing',
      'A screenshot task runs and no pictures come.',
      'ScreenshotMissing',
    ),
    VendorSilentAlarm: entryAlarm(
      'vendor-silent',
      'An app of a vendor used to call and has become quiet.',
      'VendorSilent',
    ),
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
    ServerErrorAlarm: alarm(
      'server-errors',
      'More than 1 % of the requests were answered with 5xx; vendors give up within a minute.',
      answerRate('5xx'),
      { threshold: 1, periods: 2, of: 3 },
    ),
    RefusalAlarm: alarm(
      'refusals',
      'More than 20 % of the requests were refused; a wrong secret refuses every callback of an app.',
      answerRate('4xx'),
      { threshold: 20, periods: 3, of: 5 },
    ),
  },
  Outputs: { AlarmTopicArn: { Value: reference('AlarmTopic') } },
};
