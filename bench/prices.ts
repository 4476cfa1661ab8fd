/** List prices of us-east-1 in US dollars as of November 2026, first tier, without the free tier. */
export const PRICES = {
  /** https://aws.amazon.com/api-gateway/pricing/: HTTP API, metered in 512 kB. */
  httpApiPerMillionRequests: 1.0,
  /** https://aws.amazon.com/api-gateway/pricing/: REST API. */
  restApiPerMillionRequests: 3.5,
  /** https://aws.amazon.com/waf/pricing/: requests; the web ACL and its rule are by the month. */
  wafPerMillionRequests: 0.6,
  /** https://aws.amazon.com/lambda/pricing/ */
  lambdaPerMillionRequests: 0.2,
  /** https://aws.amazon.com/lambda/pricing/: arm64. */
  lambdaPerGigabyteSecond: 0.0000133334,
  /** https://aws.amazon.com/sqs/pricing/: standard queue, metered in 64 KiB. */
  sqsPerMillionRequests: 0.4,
  /** https://aws.amazon.com/sqs/pricing/: what a request with a message group adds on a standard queue (fair queues). */
  sqsFairQueuePerMillionRequests: 0.1,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/: standard table class; index writes cost the same. */
  dynamodbPerMillionWriteUnits: 0.625,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/: a strongly consistent read of up to 4 KB is one unit. */
  dynamodbPerMillionReadUnits: 0.125,
  /** https://aws.amazon.com/s3/pricing/: `HeadObject` is priced as GET. */
  s3PerMillionHeads: 0.4,
  /** https://aws.amazon.com/s3/pricing/ */
  s3PerMillionLists: 5.0,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  dynamodbPerGigabyteMonth: 0.25,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/: continuous backups, for point-in-time recovery. */
  dynamodbBackupPerGigabyteMonth: 0.2,
  /** https://aws.amazon.com/eventbridge/pricing/: custom events, metered in 64 kB. */
  eventBridgePerMillionEvents: 1.0,
  /** https://aws.amazon.com/cloudwatch/pricing/: logs of Lambda, first 10 TB a month. */
  logsPerGigabyte: 0.5,
  /** https://aws.amazon.com/cloudwatch/pricing/: stored compressed. */
  logsPerGigabyteMonth: 0.03,
  /** https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer: out to the internet. */
  transferPerGigabyte: 0.09,
} as const;
