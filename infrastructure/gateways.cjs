/**
 * The ways for callbacks to come in; the parameter `gateway` chooses one: `http` (an HTTP API, the
 * default), `rest` (a REST API behind AWS WAF) or `url` (a function URL for each source). The read API is on the
 * HTTP API in each of them.
 */
const { serverErrorAlarm } = require('./alarm.cjs');
const { PREFIX, arn, attribute, reference } = require('./names.cjs');
const { deployedSources } = require('./sources.cjs');

/** How many requests one address may make in five minutes before AWS WAF turns it away. */
const REQUESTS_PER_ADDRESS = '${self:custom.parameters.wafRequestsPerAddress}';

/** What makes the stage of a REST API; its name is new each time. */
const DEPLOYMENT = 'ApiGatewayDeployment${sls:instanceId}';

/** Each function's events: one for its path, one for its path with the unguessable segment. */
function eventsOf(sources, eventAt) {
  return Object.fromEntries(
    sources.map(({ name, path }) => [name, [eventAt(path), eventAt(`${path}/{segment+}`)]]),
  );
}

/** Every path that has no function of its own. The read API's gateway has such paths with every gateway. */
const UNKNOWN_PATHS = [{ httpApi: '*' }];

/** The logical id that the framework gives to a function. */
function functionId(name) {
  const parts = name.split('-').join('Dash');
  return `${parts[0].toUpperCase()}${parts.slice(1)}LambdaFunction`;
}

/** A domain of your own; `undefined` when the parameter `domainName` is empty. */
async function readDomain({ resolveVariable }) {
  const name = await resolveVariable('self:custom.parameters.domainName');
  if (name === '') return undefined;
  return { name, certificateArn: await resolveVariable('self:custom.parameters.certificateArn') };
}

/** What callback URLs begin with: a domain of your own that leads to the gateway's stage, else the gateway's address. */
function entrance(domain, { apiId, stage, url, dependsOn = [] }) {
  const output = (Value) => ({ CallbackUrl: { Description: 'What callback URLs begin with', Value } });
  if (domain === undefined) return { Resources: {}, Outputs: output(url) };
  return {
    Resources: {
      DomainName: {
        Type: 'AWS::ApiGatewayV2::DomainName',
        Properties: {
          DomainName: domain.name,
          DomainNameConfigurations: [
            { CertificateArn: domain.certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
          ],
        },
      },
      DomainMapping: {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        DependsOn: dependsOn,
        Properties: { ApiId: reference(apiId), DomainName: reference('DomainName'), Stage: stage },
      },
    },
    Outputs: {
      ...output(`https://${domain.name}`),
      DomainTarget: {
        Description: 'The domain name needs a DNS record (CNAME or alias) to this one.',
        Value: attribute('DomainName', 'RegionalDomainName'),
      },
    },
  };
}

function http(sources, domain) {
  const metrics = {
    namespace: 'AWS/ApiGateway',
    dimensions: [{ Name: 'ApiId', Value: reference('HttpApi') }],
  };
  const serverErrors = serverErrorAlarm('', metrics, { serverErrors: '5xx', requests: 'Count' });
  const { Resources, Outputs } = entrance(domain, {
    apiId: 'HttpApi',
    stage: reference('HttpApiStage'),
    url: attribute('HttpApi', 'ApiEndpoint'),
  });
  return {
    url: false,
    events: { ...eventsOf(sources, (path) => ({ httpApi: `ANY ${path}` })), 'unknown-path': UNKNOWN_PATHS },
    resources: {
      Resources: { ...Resources, ServerErrorAlarm: serverErrors },
      Outputs,
    },
  };
}

function rest(sources, domain) {
  const metrics = { namespace: 'AWS/ApiGateway', dimensions: [{ Name: 'ApiName', Value: PREFIX }] };
  const serverErrors = serverErrorAlarm('', metrics, { serverErrors: '5XXError', requests: 'Count' });
  const { Resources, Outputs } = entrance(domain, {
    apiId: 'ApiGatewayRestApi',
    stage: '${sls:stage}',
    url: {
      'Fn::Sub': 'https://${ApiGatewayRestApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${sls:stage}',
    },
    dependsOn: [DEPLOYMENT],
  });
  return {
    url: false,
    events: {
      ...eventsOf(sources, (path) => ({ http: { method: 'any', path } })),
      'unknown-path': [
        ...UNKNOWN_PATHS,
        ...['/', '/{path+}'].map((path) => ({ http: { method: 'any', path } })),
      ],
    },
    resources: {
      Resources: {
        ...Resources,
        ServerErrorAlarm: serverErrors,
        WebAcl: webAcl(),
        WebAclAssociation: {
          Type: 'AWS::WAFv2::WebACLAssociation',
          DependsOn: DEPLOYMENT,
          Properties: {
            WebACLArn: arn('WebAcl'),
            ResourceArn: {
              'Fn::Sub':
                'arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${ApiGatewayRestApi}/stages/${sls:stage}',
            },
          },
        },
      },
      Outputs,
    },
  };
}

function webAcl() {
  const visible = (name) => ({
    CloudWatchMetricsEnabled: true,
    MetricName: `${PREFIX}-${name}`,
    SampledRequestsEnabled: false,
  });
  return {
    Type: 'AWS::WAFv2::WebACL',
    Properties: {
      Name: PREFIX,
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      VisibilityConfig: visible('web-acl'),
      Rules: [
        {
          Name: 'requests-per-address',
          Priority: 0,
          Action: { Block: {} },
          Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: REQUESTS_PER_ADDRESS } },
          VisibilityConfig: visible('requests-per-address'),
        },
      ],
    },
  };
}

function url(sources) {
  const names = { serverErrors: 'Url5xxCount', requests: 'UrlRequestCount' };
  const alarms = sources.flatMap(({ name }) => {
    const id = functionId(name);
    const dimensions = [{ Name: 'FunctionName', Value: reference(id) }];
    const serverErrors = serverErrorAlarm(`-${name}`, { namespace: 'AWS/Lambda', dimensions }, names);
    return [[id.replace('LambdaFunction', 'ServerErrorAlarm'), serverErrors]];
  });
  const none = Object.fromEntries(sources.map(({ name }) => [name, []]));
  return {
    url: true,
    events: { ...none, 'unknown-path': UNKNOWN_PATHS },
    resources: { Resources: Object.fromEntries(alarms) },
  };
}

/** A gateway with an output that lists its sources for the command-line tool. */
function withSources(sources, { resources, ...gateway }) {
  const Value = sources.map(({ name }) => name).join(',');
  const CallbackSources = { Description: 'The sources whose callbacks come in', Value };
  return { ...gateway, resources: { ...resources, Outputs: { ...resources.Outputs, CallbackSources } } };
}

module.exports = async (variables) => {
  const domain = await readDomain(variables);
  const sources = await deployedSources(variables.resolveVariable);
  const gateways = { http: http(sources, domain), rest: rest(sources, domain), url: url(sources) };
  return Object.fromEntries(
    Object.entries(gateways).map(([name, gateway]) => [name, withSources(sources, gateway)]),
  );
};
