/**
 * The region where neither `--region` nor `AWS_REGION` names one: that of the AWS profile, as the command-line tool finds it. A
 * region that nobody chose would be the wrong one. The stage `local` is in no region.
 */
const { CloudFormationClient } = require('@aws-sdk/client-cloudformation');

const MISSING = 'No region is chosen: pass --region, set AWS_REGION, or give the AWS profile a region.';

module.exports = async ({ options, resolveVariable }) => {
  if ((await resolveVariable('sls:stage')) === 'local') return 'us-east-1';
  try {
    return await new CloudFormationClient({ profile: options['aws-profile'] }).config.region();
  } catch {
    // The framework shows the stack, in which there is nothing for an operator.
    throw Object.assign(new Error(MISSING), { stack: MISSING });
  }
};
