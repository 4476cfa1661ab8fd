import { beforeAll, describe, expect, test } from 'vitest';
import { METRICS } from '../../lib/receive/receive.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { DOMAIN, VARIANTS, type VariantName } from '../support/package-variants.ts';
import { type PackagedService, packaged } from '../support/packaged.ts';

const services = {} as Record<VariantName, PackagedService>;

beforeAll(async () => {
  for (const name of Object.keys(VARIANTS) as VariantName[]) services[name] = await packaged(name);
});

/** A variant of each gateway. */
const GATEWAYS = ['usual', 'rest', 'url'] as const;

function ofType({ resources }: PackagedService, type: string) {
  return Object.values(resources).filter(({ Type }) => Type === type);
}

/** What a `MetricStat` alarm watches: namespace, metric and dimension. */
function watched(template: PackagedService): string[] {
  return ofType(template, 'AWS::CloudWatch::Alarm').flatMap(({ Properties }) =>
    // biome-ignore lint/suspicious/noExplicitAny: see above.
    (Properties.Metrics ?? []).flatMap(({ MetricStat }: any) =>
      MetricStat === undefined
        ? []
        : [
            `${MetricStat.Metric.Namespace} ${MetricStat.Metric.MetricName} ${MetricStat.Metric.Dimensions[0].Name}`,
          ],
    ),
  );
}

describe('the read API', () => {
  test.each(GATEWAYS)('is on the HTTP API and asks for IAM credentials: %s', (gateway) => {
    const template = services[gateway];
    const reads = ofType(template, 'AWS::ApiGatewayV2::Route')
      .map(({ Properties }) => Properties)
      // The page has other rules.
      .filter(({ RouteKey }) => /^GET \/(?!$|page\/)/.test(RouteKey));
    expect(reads).toHaveLength(9);
    for (const { AuthorizationType } of reads) expect(AuthorizationType).toBe('AWS_IAM');
  });
});

describe('rest', () => {
  test('every source has its path, with and without a segment, and bodies arrive as bytes', () => {
    const template = services.rest;
    const [api] = ofType(template, 'AWS::ApiGateway::RestApi');
    expect(api?.Properties).toMatchObject({
      BinaryMediaTypes: ['*/*'],
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    // Two of each source, the root and every other path.
    expect(ofType(template, 'AWS::ApiGateway::Method')).toHaveLength(2 * SAMPLE_SOURCES.length + 2);
    for (const { Properties } of ofType(template, 'AWS::ApiGateway::Method')) {
      expect(Properties).toMatchObject({ HttpMethod: 'ANY', Integration: { Type: 'AWS_PROXY' } });
    }
    const parts = ofType(template, 'AWS::ApiGateway::Resource').map(({ Properties }) => Properties.PathPart);
    expect(parts.filter((part) => part === '{segment+}')).toHaveLength(SAMPLE_SOURCES.length);
  });

  test('AWS WAF turns away an address that asks too often', () => {
    const template = services.rest;
    const { Rules, Scope } = template.resources.WebAcl?.Properties ?? {};
    expect(Scope).toBe('REGIONAL');
    expect(Rules[0]).toMatchObject({
      Action: { Block: {} },
      Statement: { RateBasedStatement: { AggregateKeyType: 'IP' } },
    });
    expect(String(Rules[0].Statement.RateBasedStatement.Limit)).toBe('500');
    const association = template.resources.WebAclAssociation;
    const [deployment] = Object.keys(template.resources).filter((id) =>
      id.startsWith('ApiGatewayDeployment'),
    );
    expect([association?.DependsOn].flat()).toEqual([deployment]);
    expect(association?.Properties.ResourceArn['Fn::Sub']).toMatch(
      /\/restapis\/\$\{ApiGatewayRestApi\}\/stages\/prod$/,
    );
  });

  test('the alarms watch the REST API', () => {
    expect(watched(services.rest)).toEqual(expect.arrayContaining(['AWS/ApiGateway 5XXError ApiName']));
  });
});

describe('url', () => {
  test('every source has a public URL of its own, nothing else has one', () => {
    const template = services.url;
    const urls = ofType(template, 'AWS::Lambda::Url');
    expect(urls).toHaveLength(SAMPLE_SOURCES.length);
    for (const { Properties } of urls) expect(Properties.AuthType).toBe('NONE');
    const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties.RouteKey);
    expect(routes.filter((key: string) => key.includes('/callbacks/'))).toEqual([]);
  });

  test('the alarms watch every one of them', () => {
    const lines = watched(services.url);
    for (const metric of ['Url5xxCount', 'UrlRequestCount']) {
      expect(
        lines.filter((line) => line === `AWS/Lambda ${metric} FunctionName`).length,
      ).toBeGreaterThanOrEqual(SAMPLE_SOURCES.length);
    }
  });
});

describe('the output with the beginning of callback URLs', () => {
  const callbackUrl = (name: VariantName) =>
    (services[name].outputs.CallbackUrl as { Value: unknown } | undefined)?.Value;

  test('is the gateway in use, or the domain', () => {
    expect(callbackUrl('usual')).toEqual({ 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] });
    expect(callbackUrl('dev')).toEqual({
      'Fn::Sub': expect.stringMatching(/^https:\/\/\$\{ApiGatewayRestApi\}\..*\/dev$/),
    });
    expect([callbackUrl('rest'), callbackUrl('full')]).toEqual(
      Array(2).fill('https://callbacks.example.com'),
    );
  });

  test('does not exist for function URLs, which are an output each', () => {
    const outputs = Object.keys(services.url.outputs);
    expect(outputs).not.toContain('CallbackUrl');
    expect(outputs.filter((name) => name.endsWith('LambdaFunctionUrl'))).toHaveLength(SAMPLE_SOURCES.length);
    expect(outputs).toContain('ZegoDashrecordingLambdaFunctionUrl');
  });
});

test.each(GATEWAYS)('an output names the sources that there are: %s', (name) => {
  const { Value } = services[name].outputs.CallbackSources as { Value: string };
  expect(Value.split(',')).toEqual(SAMPLE_SOURCES.map((source) => source.name));
});

describe('a domain of your own', () => {
  test.each([
    ['full', 'HttpApi'],
    ['rest', 'ApiGatewayRestApi'],
  ] as const)('leads to the gateway: %s', (name, api) => {
    const template = services[name];
    expect(template.resources.DomainName?.Properties).toMatchObject({
      DomainName: DOMAIN.domainName,
      DomainNameConfigurations: [{ CertificateArn: DOMAIN.certificateArn, SecurityPolicy: 'TLS_1_2' }],
    });
    expect(template.resources.DomainMapping?.Properties.ApiId).toEqual({ Ref: api });
    expect(template.outputs.DomainTarget).toBeDefined();
  });

  test('is not made without a name, nor mentioned', () => {
    const { resources, conditions } = services.usual;
    expect(JSON.stringify(resources)).not.toMatch(/DomainName|CertificateArn/);
    expect(conditions).toEqual({});
  });
});

test.each(Object.keys(VARIANTS) as VariantName[])('the dashboard shows metrics that exist: %s', (variant) => {
  const template = services[variant];
  const { widgets } = JSON.parse(template.resources.Dashboard?.Properties.DashboardBody['Fn::Sub']);
  expect(widgets.length).toBeGreaterThan(6);
  const text = JSON.stringify(widgets);
  for (const metric of ['ackMs', 'lagMs', 'spillDepth', 'drained']) expect(text).toContain(metric);
  const queueNames = ofType(template, 'AWS::SQS::Queue').map(({ Properties }) => Properties.QueueName);
  for (const [, name] of text.matchAll(/"QueueName","([^"]+)"/g)) expect(queueNames).toContain(name);
  const shown = [...text.matchAll(/"FunctionName","([^"]+)"/g)].map(([, name]) => name);
  const functions = ofType(template, 'AWS::Lambda::Function').map(
    ({ Properties }) => Properties.FunctionName,
  );
  expect(shown.sort()).toEqual(functions.sort());
});

describe('refusals', () => {
  test.each(GATEWAYS)('ring by source, for wrong and missing secrets alone: %s', (gateway) => {
    const alarms = ofType(services[gateway], 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
    for (const { name } of SAMPLE_SOURCES) {
      const [alarm, ...others] = alarms.filter(
        ({ AlarmName }) => AlarmName === `rtc-callbacks-prod-refusals-${name}`,
      );
      expect(others).toEqual([]);
      // biome-ignore lint/suspicious/noExplicitAny: a template.
      const counted = alarm?.Metrics.flatMap(({ MetricStat }: any) =>
        MetricStat === undefined ? [] : MetricStat.Metric.Dimensions,
      );
      expect(counted).toEqual(
        ['wrong_signature', 'unknown_app'].flatMap((reason) => [
          { Name: 'source', Value: name },
          { Name: 'reason', Value: reason },
        ]),
      );
      expect(alarm?.Threshold).toBeGreaterThan(1);
    }
    expect(alarms.some(({ AlarmName }) => /refusals$/.test(AlarmName))).toBe(false);
  });

  test('are offered by the log line of a request', () => {
    expect(METRICS.dimensions).toContainEqual(['source', 'reason']);
    expect(METRICS.metrics).toContainEqual({ name: 'ackMs', unit: 'Milliseconds' });
  });
});

test('alarms and notices go to an address only where there is one', () => {
  const subscriptions = (name: VariantName) => ofType(services[name], 'AWS::SNS::Subscription');
  expect(subscriptions('usual')).toEqual([]);
  expect(subscriptions('url')).toMatchObject([
    { Properties: { TopicArn: { Ref: 'AlarmTopic' }, Protocol: 'email', Endpoint: 'ops@example.com' } },
  ]);
});
