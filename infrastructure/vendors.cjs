/**
 * What the vendors add to the service: a function for each of their sources, and variables of the functions that treat
 * each vendor in its own way. The values are in lib/vendors/; every parameter of a vendor has its default there.
 */
const { CHOICES } = require('../lib/receive/settings.ts');
const { parameterName, THRESHOLDS, variableName } = require('../lib/vendors/common/settings.ts');
const { SOURCES, VENDORS } = require('../lib/vendors/index.ts');
const { roleId } = require('./names.cjs');

const GATEWAY = 'file(./infrastructure/gateways.cjs):${param:gateway}';

/** A parameter of the service, and where its value comes from when it is not set. */
function parameter(vendor, setting, ...fallbacks) {
  return `\${param:${[parameterName(vendor, setting), ...fallbacks].join(', ')}}`;
}

/** The function that receives the callbacks of a source. */
function receiver({ name, vendor, description }) {
  return {
    handler: `.build/${vendor}.handler`,
    description: `Verifies and stores ${description}`,
    role: roleId(name),
    reservedConcurrency: '${param:ingestReservedConcurrency, null}',
    package: { patterns: [`.build/${vendor}.cjs`] },
    environment: {
      SOURCE: name,
      QUEUE_URL: '${param:queueUrl}',
      TABLE_NAME: '${param:tableName}',
      SECRETS_PARAMETER: '/rtc-callbacks/${sls:stage}/' + vendor,
      CALLBACK_SECRETS: '${param:callbackSecrets, null}',
      ALLOWED_NETWORKS: parameter(vendor, 'allowedNetworks', "''"),
      PATH_SEGMENT: parameter(vendor, 'pathSegment', `'${CHOICES.PATH_SEGMENT[0]}'`),
      VERIFICATION_MODE: parameter(vendor, 'verificationMode', `'${CHOICES.VERIFICATION_MODE[0]}'`),
      TRACING: '${file(./infrastructure/tracing.cjs):${param:tracing}.variable, null}',
    },
    url: `\${${GATEWAY}.url}`,
    events: `\${${GATEWAY}.events.${name}}`,
  };
}

/** The variables for those of the settings that a vendor has; `fallback` names where else a value may come from. */
function variables(settings, fallback = () => []) {
  const entries = Object.values(VENDORS).flatMap(({ name, settings: defaults }) =>
    settings
      .filter((setting) => defaults[setting] !== null)
      .map((setting) => {
        const variable = variableName(name, setting);
        return [variable, parameter(name, setting, ...fallback(variable), `'${defaults[setting]}'`)];
      }),
  );
  return Object.fromEntries(entries);
}

module.exports = async ({ resolveVariable }) => {
  const isLocal = (await resolveVariable('sls:stage')) === 'local';
  // `npm start` takes the window from its environment, so that old callbacks can be replayed.
  const window = variables(['timestampWindowHours'], (variable) => (isLocal ? [`env:${variable}`] : []));
  return {
    functions: {
      ...Object.fromEntries([...SOURCES].map(([name, source]) => [name, receiver(source)])),
      consumer: { environment: window },
      watch: { environment: variables(Object.keys(THRESHOLDS)) },
    },
  };
};
