/** One page that shows whether callbacks come in, what becomes of them, and what waits for a person. */
const { PREFIX } = require('./names.cjs');

const REGION = '${AWS::Region}';

/** Widgets are 8 wide and 6 high, three in a row. */
function placed(widgets) {
  return widgets.map((widget, index) => ({
    ...widget,
    width: 8,
    height: 6,
    x: (index % 3) * 8,
    y: Math.floor(index / 3) * 6,
  }));
}

function graph(title, metrics, options = {}) {
  return {
    type: 'metric',
    properties: { title, region: REGION, view: 'timeSeries', period: 60, metrics, ...options },
  };
}

/** One line for each combination of dimensions that there is. */
function search(dimensions, metric, statistic) {
  const schema = `{"${PREFIX}",${dimensions.join(',')}}`;
  return [{ expression: `SEARCH('${schema} MetricName="${metric}"', '${statistic}', 60)` }];
}

function queue(name, metric, label) {
  return ['AWS/SQS', metric, 'QueueName', `${PREFIX}-${name}`, { stat: 'Maximum', label }];
}

const MESSAGES = 'ApproximateNumberOfMessagesVisible';

const widgets = (functions) =>
  placed([
    graph('Requests by source and verdict', [search(['source', 'verdict'], 'ackMs', 'SampleCount')], {
      stacked: true,
    }),
    graph('Time to the answer, ms (p99)', [search(['source', 'verdict'], 'ackMs', 'p99')]),
    graph('Refusals and quarantines by reason', [
      search(['source', 'reason'], 'ackMs', 'SampleCount'),
      search(['reason'], 'lagMs', 'SampleCount'),
    ]),
    graph('Callbacks by source and verdict of the consumer', [
      search(['source', 'verdict'], 'lagMs', 'SampleCount'),
    ]),
    graph('From callback to state, ms (p99)', [search(['source', 'verdict'], 'lagMs', 'p99')]),
    graph('Age of the oldest callback, s', [
      queue('callbacks', 'ApproximateAgeOfOldestMessage', 'callbacks'),
    ]),
    graph('Waiting for a person', [
      queue('quarantine', MESSAGES, 'quarantine'),
      queue('dead-letter', MESSAGES, 'dead-letter queue'),
    ]),
    graph('Spilled while the queue was out', [
      [PREFIX, 'spillDepth', { stat: 'Maximum', label: 'waiting' }],
      [PREFIX, 'drained', { stat: 'Sum', label: 'drained' }],
    ]),
    graph('Functions that failed', [
      ...functions.map((name) => [
        'AWS/Lambda',
        'Errors',
        'FunctionName',
        `${PREFIX}-${name}`,
        { stat: 'Sum', label: name },
      ]),
    ]),
  ]);

module.exports = async ({ resolveVariable }) => {
  // The framework merges these parts. A function that the stage leaves out is null.
  const parts = await resolveVariable('self:functions');
  const all = Object.entries(Object.assign({}, ...parts));
  const functions = all.flatMap(([name, definition]) => (definition === null ? [] : name));
  return {
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: {
          DashboardName: PREFIX,
          DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets: widgets(functions) }) },
        },
      },
    },
  };
};
