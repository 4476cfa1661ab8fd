/**
 * The stage's parameters as the template uses them, of `stages/<stage>.yml` and `--param`, and in `problems` what is wrong with them;
 * the plugin refuses those. The stage `local` is the embedded stack, which has no file.
 */
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');
const { checkParameters } = require('./parameters.ts');

/** What the embedded stack has; its environment says the rest. */
const LOCAL = {
  page: 'loopback',
  pageThumbnails: 'on',
  ledgerTableName: 'rtc-callbacks-local-ledger',
  // No more than the consumer's timeout: after a failure somebody waits for the next attempt.
  visibilityTimeoutSeconds: 60,
};

/** What the environment of `npm start` switches on. */
const ofEnvironment = ({
  FORWARD_URL = '',
  STORAGE,
  CONFIRM_UPLOADS,
  ZEGO_SERVER_SECRETS,
  PAGE_TIME_ZONE = 'UTC',
}) => ({
  pageTimeZone: PAGE_TIME_ZONE,
  webhookUrl: FORWARD_URL,
  zegoQuery: ZEGO_SERVER_SECRETS ? 'on' : 'off',
  storageCheck: STORAGE ? 'on' : 'off',
  confirmUploads: STORAGE && CONFIRM_UPLOADS === 'on' ? 'on' : 'off',
});

/** Six times the consumer's timeout, and what a batch may wait for: no message reappears while it is worked on. */
const visibilityTimeoutSeconds = (values) => 6 * 60 + values.consumerBatchingWindowSeconds;

function chosenOnCommandLine({ param }) {
  return Object.fromEntries(
    [param ?? []].flat().map((text) => [text.split('=')[0], text.slice(text.indexOf('=') + 1)]),
  );
}

function chosenInFile(stage) {
  const file = join(__dirname, '..', 'stages', `${stage}.yml`);
  return existsSync(file) ? (parse(readFileSync(file, 'utf8')) ?? {}) : {};
}

module.exports = async ({ options, resolveVariable }) => {
  const [stage, region] = await Promise.all(['sls:stage', 'self:provider.region'].map(resolveVariable));
  const given = { ...chosenInFile(stage), ...chosenOnCommandLine(options) };
  const { values, problems } = checkParameters(given, { stage, region });
  const local = stage === 'local' ? { ...LOCAL, ...ofEnvironment(process.env) } : {};
  return { ...values, visibilityTimeoutSeconds: visibilityTimeoutSeconds(values), ...local, problems };
};
