/** The function that looks into buckets, where the parameter `storageCheck` is on. */
const { attribute } = require('./names.cjs');
const { allow, allowItems, indexArn, parameterArn, roleMaker } = require('./role.cjs');

/** What the bucket is not yet known to have. */
const UNCONFIRMED = { storageOrder: { S: [{ exists: false }, { prefix: '0#' }] } };

const HEADS = ['head'];
const FILES = [{ prefix: 'file#' }];

/** Records of items whose new image has such attributes. */
function recordsOf(sortKeys, eventName, NewImage) {
  return {
    eventName,
    dynamodb: { Keys: { pk: { S: [{ prefix: 'task#' }] }, sk: { S: sortKeys } }, NewImage },
  };
}

/**
 * Uploads of all files of a task; files that are named for the first time, whose task's upload may be known already; and
 * what callbacks and the vendor say of a file's upload: one that failed may have been recovered with its task.
 */
const UPLOADS = {
  type: 'dynamodb',
  arn: attribute('LedgerTable', 'StreamArn'),
  startingPosition: 'LATEST',
  batchSize: 100,
  batchWindow: 30,
  bisectBatchOnFunctionError: true,
  maximumRecordAgeInSeconds: 43200,
  filterPatterns: [
    recordsOf(HEADS, ['INSERT', 'MODIFY'], { uploadOrder: { S: [{ prefix: '1#' }, { prefix: '2#' }] } }),
    recordsOf(FILES, ['INSERT'], UNCONFIRMED),
    recordsOf(FILES, ['MODIFY'], { ...UNCONFIRMED, uploadOrder: { S: [{ exists: true }] } }),
    recordsOf(FILES, ['MODIFY'], { ...UNCONFIRMED, answerOrder: { S: [{ prefix: '3#' }] } }),
  ],
};

/** Lists buckets and asks for objects, whose contents it never reads. */
function readBuckets(buckets) {
  if (buckets.length === 0) return [];
  return [
    allow('s3:ListBucket', buckets),
    allow(
      's3:GetObject',
      buckets.map((bucket) => `${bucket}/*`),
    ),
  ];
}

const readStream = allow(
  ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream', 'dynamodb:ListStreams'],
  attribute('LedgerTable', 'StreamArn'),
);

module.exports = async (variables) => {
  const parameters = await variables.resolveVariable('self:custom.parameters');
  if (parameters.storageCheck === 'off') return { function: null, Resources: {} };
  const role = await roleMaker(variables);
  const confirms = parameters.confirmUploads === 'on';
  const buckets = parameters.storageBuckets.split(',').filter(Boolean);
  return {
    function: {
      handler: '.build/storage-check.handler',
      description: 'Looks into buckets for files whose upload failed or was not reported',
      role: 'StorageCheckRole',
      timeout: 120,
      package: { patterns: ['.build/storage-check.cjs'] },
      environment: {
        TABLE_NAME: '${param:tableName}',
        RETENTION_DAYS: '${self:custom.parameters.retentionDays}',
        STORAGE: '${param:storage, null}',
        STORAGE_PARAMETER: '/rtc-callbacks/${sls:stage}/storage',
        AWS_ENDPOINT_URL_SSM: '${param:ssmEndpoint}',
      },
      events: [{ schedule: 'rate(15 minutes)' }, ...(confirms ? [{ stream: UPLOADS }] : [])],
    },
    Resources: {
      StorageCheckRole: role('storage-check', [
        allow('dynamodb:Query', ['attention', 'watch'].map(indexArn)),
        allowItems(
          ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
          ['task#*'],
        ),
        allowItems('dynamodb:Query', ['erased']),
        allowItems('dynamodb:PutItem', ['report']),
        allow('ssm:GetParameter', parameterArn('storage')),
        ...readBuckets(buckets),
        ...(confirms ? [readStream] : []),
      ]),
    },
  };
};
