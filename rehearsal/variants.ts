/** What a stage may choose, so that every part of the template is there once and missing once. */
export interface Variant {
  name: string;
  parameters: Readonly<Record<string, string>>;
  /** Those of `REGIONS` in which the variant cannot be deployed. */
  notIn?: readonly string[];
}

/** One region of each kind: the oldest, another of the same partition, GovCloud, China. */
export const REGIONS = ['us-east-1', 'ap-southeast-1', 'us-gov-west-1', 'cn-north-1'];

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012';
const DOMAIN = { domainName: 'callbacks.example.com', certificateArn: CERTIFICATE };

/** Function URLs are neither in GovCloud nor in China. */
const NO_FUNCTION_URLS = ['us-gov-west-1', 'cn-north-1'];

/** What a stage may choose whichever way callbacks come in. */
const CHOICES: readonly Variant[] = [
  { name: 'as it is', parameters: {} },
  { name: 'one vendor', parameters: { vendors: 'zego' } },
  { name: 'table of before', parameters: { ledgerTableName: 'rtc-callbacks-prod-ledger' } },
  { name: 'page for IAM', parameters: { page: 'iam', pageThumbnails: 'on' } },
  { name: 'page with a token', parameters: { page: 'token' } },
  { name: 'webhook', parameters: { webhookUrl: 'https://example.com/hook' } },
  { name: 'no change events', parameters: { changeEvents: 'false' } },
  { name: 'no metrics', parameters: { metrics: 'off', logLevel: 'warn' } },
  { name: 'traces', parameters: { tracing: 'on' }, notIn: ['cn-north-1'] },
  {
    name: 'looks for files',
    parameters: {
      ...{
        storageCheck: 'on',
        storageBuckets: 'arn:aws:s3:::lessons',
        confirmUploads: 'on',
        zegoQuery: 'on',
      },
      alertEmail: 'ops@example.com',
    },
  },
  { name: 'table not kept', parameters: { tableProtection: 'off' } },
  {
    name: 'bounded',
    parameters: {
      ...{ ingestReservedConcurrency: '5', consumerMaximumConcurrency: '50' },
      maximumMessageBytes: '262144',
    },
  },
  {
    name: 'large batches',
    parameters: { consumerBatchSize: '100', consumerBatchingWindowSeconds: '1', eventHistoryDays: '0' },
  },
];

const HTTP: readonly Variant[] = [...CHOICES, { name: 'own domain', parameters: DOMAIN }];

const REST: readonly Variant[] = [...HTTP, { name: 'limit', parameters: { wafRequestsPerAddress: '500' } }];

/** Every variant, by the gateway and what else is chosen. */
export const VARIANTS: readonly Variant[] = [
  ...HTTP.map((variant) => onGateway('http', variant)),
  ...REST.map((variant) => onGateway('rest', variant)),
  ...CHOICES.map((variant) => onGateway('url', variant, NO_FUNCTION_URLS)),
];

function onGateway(gateway: string, variant: Variant, notIn: readonly string[] = []): Variant {
  return {
    name: `${gateway}, ${variant.name}`,
    parameters: { gateway, ...variant.parameters },
    notIn: [...notIn, ...(variant.notIn ?? [])],
  };
}
