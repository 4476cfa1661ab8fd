/**
 * The table. CloudFormation names it and keeps it with the stack's removal, but not when the first deployment fails, so that it
 * can be repeated. Deletion protection would stand in the way of that: one switches it on once the stage is there.
 */
const KEYS = ['pk', 'sk', 'roomKey', 'attention', 'attentionAt', 'watch', 'watchAt', 'place', 'placeAt'];

const index = (IndexName, hash, range) => ({
  IndexName,
  KeySchema: keySchema(hash, range),
  Projection: { ProjectionType: 'KEYS_ONLY' },
});

function keySchema(hash, range) {
  return [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
}

/** What a stage that was deployed when tables had fixed names goes on with: it would lose its table by any other. */
function ofFixedName(name, isProtected) {
  return { TableName: name, DeletionProtectionEnabled: isProtected };
}

function table(name, isProtected) {
  const kept = name === '' ? 'RetainExceptOnCreate' : 'Retain';
  return {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: isProtected ? kept : 'Delete',
    UpdateReplacePolicy: isProtected ? 'Retain' : 'Delete',
    Properties: {
      ...(name === '' ? {} : ofFixedName(name, isProtected)),
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: KEYS.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keySchema('pk', 'sk'),
      GlobalSecondaryIndexes: [
        index('rooms', 'roomKey', 'pk'),
        index('attention', 'attention', 'attentionAt'),
        index('watch', 'watch', 'watchAt'),
        index('place', 'place', 'placeAt'),
      ],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    },
  };
}

module.exports = async ({ resolveVariable }) => {
  const { ledgerTableName, tableProtection } = await resolveVariable('self:custom.parameters');
  return {
    Resources: { LedgerTable: table(ledgerTableName, tableProtection === 'on') },
    Outputs: { LedgerTableName: { Value: { Ref: 'LedgerTable' } } },
  };
};

module.exports.table = table;
