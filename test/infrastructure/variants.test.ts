import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { METRICS } from '../../lib/receive/receive.ts';
import { SAMPLE_SOURCES } from '../../lib/vendors/samples.ts';
import { type PackagedService, packaged } from '../support/packaged.ts';

const DOMAIN = {
  domainName: 'callbacks.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/c',
};

/** The parameters that each variant is packaged with. */
const VARIANTS: Record<string, Record<string, string>> = {
  http: {},
  rest: { gateway: 'rest', wafRequestsPerAddress: '500', ...DOMAIN },
  restWithoutDomain: { gateway: 'rest' },
  url: { gateway: 'url', alertEmail: 'ops@example.com' },
  domain: DOMAIN,
};

const services: Record<string, PackagedService> = {};

beforeAll(async () => {
  const packaging = Object.entries(VARIANTS).map(async ([name, parameters]) => {
    services[name] = await packaged('prod', parameters);
  });
  await Promise.all(packaging);
});
afterAll(() => Promise.all(Object.values(services).map((service) => service.remove())));

function variant(name: string): PackagedService {
  const service = services[name];
  if (service === undefined) throw new Error(`There is no variant ${name}.`);
  return service;
}

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
  test.each(['http', 'rest', 'url'])('is on the HTTP API and asks for IAM credentials: %s', (gateway) => {
    const template = variant(gateway);
    const reads = ofType(template, 'AWS::ApiGatewayV2::Route')
      .map(({ Properties }) => Properties)
      .filter(({ RouteKey }) => RouteKey.startsWith('GET '));
    expect(reads).toHaveLength(9);
    for (const { AuthorizationType } of reads) expect(AuthorizationType).toBe('AWS_IAM');
  });
});

describe('rest', () => {
  test('every source has its path, with and without a segment, and bodies arrive as bytes', () => {
    const template = variant('rest');
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
    const template = variant('rest');
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
    expect(watched(variant('rest'))).toEqual(expect.arrayContaining(['AWS/ApiGateway 5XXError ApiName']));
  });
});

describe('url', () => {
  test('every source has a public URL of its own, nothing else has one', () => {
    const template = variant('url');
    const urls = ofType(template, 'AWS::Lambda::Url');
    expect(urls).toHaveLength(SAMPLE_SOURCES.length);
    for (const { Properties } of urls) expect(Properties.AuthType).toBe('NONE');
    const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties.RouteKey);
    expect(routes.filter((key: string) => key.includes('/callbacks/'))).toEqual([]);
  });

  test('the alarms watch every one of them', () => {
    const lines = watched(variant('url'));
    for (const metric of ['Url5xxCount', 'UrlRequestCount']) {
      expect(
        lines.filter((line) => line === `AWS/Lambda ${metric} FunctionName`).length,
      ).toBeGreaterThanOrEqual(SAMPLE_SOURCES.length);
    }
  });
});

describe('the output with the beginning of callback URLs', () => {
  const callbackUrl = (name: string) =>
    (variant(name).outputs.CallbackUrl as { Value: unknown } | undefined)?.Value;

  test('is the gateway in use, or the domain', () => {
    expect(callbackUrl('http')).toEqual({ 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] });
    expect(callbackUrl('restWithoutDomain')).toEqual({
      'Fn::Sub': expect.stringMatching(/^https:\/\/\$\{ApiGatewayRestApi\}\..*\/prod$/),
    });
    expect([callbackUrl('rest'), callbackUrl('domain')]).toEqual(
      Array(2).fill('https://callbacks.example.com'),
    );
  });

  test('does not exist for function URLs, which are an output each', () => {
    const outputs = Object.keys(variant('url').outputs);
    expect(outputs).not.toContain('CallbackUrl');
    expect(outputs.filter((name) => name.endsWith('LambdaFunctionUrl'))).toHaveLength(SAMPLE_SOURCES.length);
    expect(outputs).toContain('ZegoDashrecordingLambdaFunctionUrl');
  });
});

test.each(['http', 'rest', 'url'])('an output names the sources that there are: %s', (name) => {
  const { Value } = variant(name).outputs.CallbackSources as { Value: string };
  expect(Value.split(',')).toEqual(SAMPLE_SOURCES.map((source) => source.name));
});

describe('a domain of your own', () => {
  test.each([
    ['domain', 'HttpApi'],
    ['rest', 'ApiGatewayRestApi'],
  ])('leads to the gateway: %s', (name, api) => {
    const template = variant(name);
    expect(template.resources.DomainName?.Properties).toMatchObject({
      DomainName: DOMAIN.domainName,
      DomainNameConfigurations: [{ CertificateArn: DOMAIN.certificateArn, SecurityPolicy: 'TLS_1_2' }],
    });
    expect(template.resources.DomainMapping?.Properties.ApiId).toEqual({ Ref: api });
    expect(template.outputs.DomainTarget).toBeDefined();
  });

  test('is not made without a name, nor mentioned', () => {
    const { resources, conditions } = variant('http');
    expect(JSON.stringify(resources)).not.toMatch(/DomainName|CertificateArn/);
    expect(conditions).toEqual({});
  });
});

test('the dashboard shows metrics that exist', () => {
  const template = variant('http');
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
  test.each(['http', 'rest', 'url'])('ring by source, for wrong and missing secrets alone: %s', (gateway) => {
    const alarms = ofType(variant(gateway), 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
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
  const subscriptions = (name: string) => ofType(variant(name), 'AWS::SNS::Subscription');
  expect(subscriptions('http')).toEqual([]);
  expect(subscriptions('url')).toMatchObject([
    { Properties: { TopicArn: { Ref: 'AlarmTopic' }, Protocol: 'email', Endpoint: 'ops@example.com' } },
  ]);
});
