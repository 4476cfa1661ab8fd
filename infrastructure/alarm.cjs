/** The shapes that the alarms of every gateway share. */

const { PREFIX, reference } = require('./names.cjs');

/** Rings when the value is above the threshold in `periods` of the last `of` periods. */
function alarm(name, description, value, { threshold = 0, periods = 1, of = periods } = {}) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${PREFIX}-${name}`,
      // The mail has it: what to do first.
      AlarmDescription: `${description} See: rtc-callbacks doctor --stage \${sls:stage}`,
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

/** How many requests a minute must have for its percentage to mean something; a vendor's retries alone are as many. */
const FEWEST_REQUESTS = 3;

/** The percentage of requests that were answered with a class of status codes; `metrics` names the gateway's. */
function answerRate({ namespace, dimensions }, answers, requests) {
  const sumOf = (id, name) => ({
    Id: id,
    ReturnData: false,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensions },
      Stat: 'Sum',
      Period: 60,
    },
  });
  const rate = {
    Id: 'rate',
    Expression: `IF(requests >= ${FEWEST_REQUESTS}, 100 * answers / requests, 0)`,
    ReturnData: true,
  };
  return { Metrics: [rate, sumOf('answers', answers), sumOf('requests', requests)] };
}

/** Rings when the callers of one gateway, or of one function URL, are answered with 5xx. */
function serverErrorAlarm(name, metrics, names) {
  return alarm(
    `server-errors${name}`,
    'More than 1 % of the requests were answered with 5xx; vendors give up within a minute.',
    answerRate(metrics, names.serverErrors, names.requests),
    { threshold: 1, periods: 2, of: 3 },
  );
}

module.exports = { alarm, serverErrorAlarm };
