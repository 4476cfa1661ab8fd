/**
 * Whether log lines offer metrics, which the parameter `metrics` chooses: `on` (the default) or `off`. Alarms and the
 * dashboard look for them under the deployment's name.
 */
const { PREFIX } = require('./names.cjs');

module.exports = { on: { namespace: PREFIX }, off: { namespace: '' } };
