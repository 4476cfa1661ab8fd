/**
 * What the vendors add to the service: a function for each of their sources, and variables of the functions that treat
 * each vendor in its own way. The values are in lib/vendors/; every parameter of a vendor has its default there.
 */
const { parameterName, THRESHOLDS, variableName } = require('../lib/vendors/common/settings.ts');
const { VENDORS } = require('../lib/vendors/index.ts');
const { roleId } = require('./names.cjs');
const { deployedSources } = require('./sources.cjs');

const GATEWAY = 'file(./infrastructure/gateways.cjs):${self:custom.parameters.gateway}';

/** The value of a vendor's parameter; `sources` are asked before it. */
function parameter(vendor, setting, ...sources) {
  return `\${${[...sources, `self:custom.parameters.${parameterName(vendor, setting)}`].join(', ')}}`;
}

/** The function that receives the callbacks of a source; `first` names where a variable may come from before the parameter. */
function receiver({ name, vendor, description }, first) {
  const value = (setting) => parameter(vendor, setting, ...first(variableName(vendor, setting)));
  return {
    handler: `.build/${vendor}.handler`,
    description: `Verifies and stores ${description}`,
    role: roleId(name),
    reservedConcurrency: '${self:custom.parameters.ingestReservedConcurrency, null}',
    package: { patterns: [`.build/${vendor}.cjs`] },
    environment: {
      SOURCE: name,
      QUEUE_URL: '${param:queueUrl}',
      TABLE_NAME: '${param:tableName}',
      MAXIMUM_MESSAGE_BYTES: '${self:custom.parameters.maximumMessageBytes}',
      SECRETS_PARAMETER: '/rtc-callbacks/${sls:stage}/' + vendor,
      CALLBACK_SECRETS: '${param:callbackSecrets, null}',
      ALLOWED_NETWORKS: value('allowedNetworks'),
      PATH_SEGMENT: value('pathSegment'),
      VERIFICATION_MODE: value('verificationMode'),
      TRACING: '${file(./infrastructure/tracing.cjs):${self:custom.parameters.tracing}.variable, null}',
    },
    url: `\${${GATEWAY}.url}`,
    events: `\${${GATEWAY}.events.${name}}`,
  };
}

/** The variables for those of the settings that a vendor has; `first` as above. */
function variables(settings, first) {
  const entries = Object.values(VENDORS).flatMap(({ name, settings: defaults }) =>
    settings
      .filter((setting) => defaults[setting] !== null)
      .map((setting) => {
        const variable = variableName(name, setting);
        return [variable, parameter(name, setting, ...first(variable))];
      }),
  );
  return Object.fromEntries(entries);
}

module.exports = async ({ resolveVariable }) => {
  const sources = await deployedSources(resolveVariable);
  const isLocal = (await resolveVariable('sls:stage')) === 'local';
  // `npm start` takes all of them from its environment, such as RONGCLOUD_VERIFICATION_MODE=shadow.
  const first = (variable) => (isLocal ? [`env:${variable}`] : []);
  return {
    functions: {
      ...Object.fromEntries(sources.map((source) => [source.name, receiver(source, first)])),
      consumer: { environment: variables(['timestampWindowHours'], first) },
      watch: { environment: variables(Object.keys(THRESHOLDS), first) },
    },
  };
};
