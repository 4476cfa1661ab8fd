import { tmpdir } from 'node:os';

/** How the service is packaged: for which stage, with which parameters, and whether with the functions' code. */
interface Variant {
  stage: string;
  parameters: Readonly<Record<string, string>>;
  hasCode?: boolean;
}

export const DOMAIN = {
  domainName: 'callbacks.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/c',
};

export const BUCKETS = 'arn:aws:s3:::lessons,arn:aws:s3:::exams';

export const SECRETS_KEY = 'arn:aws:kms:us-east-1:111122223333:key/own';

/** What the tests look at. Packaging takes seconds: choices that do not touch each other share a variant. */
export const VARIANTS = {
  /** The defaults. */
  usual: { stage: 'prod', parameters: {} },
  /** Every function that there is, on the HTTP API. */
  full: {
    stage: 'prod',
    parameters: {
      ...DOMAIN,
      ...{ page: 'iam', pageThumbnails: 'on', zegoQuery: 'on' },
      ...{ storageCheck: 'on', storageBuckets: BUCKETS, confirmUploads: 'on' },
    },
    hasCode: true,
  },
  /** Every function that there is, on the REST API. */
  rest: {
    stage: 'prod',
    parameters: {
      ...DOMAIN,
      ...{ gateway: 'rest', wafRequestsPerAddress: '500', secretsKeyArn: SECRETS_KEY },
      ...{ page: 'token', zegoQuery: 'on', storageCheck: 'on', tracing: 'on' },
    },
  },
  url: {
    stage: 'prod',
    parameters: {
      ...{ gateway: 'url', alertEmail: 'ops@example.com', ledgerTableName: 'rtc-callbacks-prod-ledger' },
      ...{ changeEvents: 'false', webhookUrl: 'https://example.com/hook', metrics: 'off' },
      ...{ zegoAllowedNetworks: '192.0.2.0/24', zegoPathSegment: 'required', zegoVerificationMode: 'shadow' },
      ...{ zegoUploadMissingMinutes: '0', zegoTaskSilentHours: '1.5', attentionDays: '0' },
    },
  },
  /** The stage `dev` with two vendors and bounds, on a REST API without a domain. */
  dev: {
    stage: 'dev',
    parameters: {
      ...{ gateway: 'rest', vendors: 'tencent,zego', maximumMessageBytes: '262144' },
      ...{ ingestReservedConcurrency: '50', consumerMaximumConcurrency: '20' },
      ...{ consumerBatchSize: '100', consumerBatchingWindowSeconds: '1' },
    },
  },
} satisfies Record<string, Variant>;

export type VariantName = keyof typeof VARIANTS;

/** What a machine that has no AWS account gives the framework. */
export const NO_ACCOUNT = {
  AWS_REGION: 'us-east-1',
  PATH: process.env.PATH,
  HOME: tmpdir(),
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
};
