import { SAMPLE_SECRETS } from '../../lib/vendors/samples.ts';
import type { SecretsByVendor } from './signed-sample.ts';

/** The secrets that samples are signed with: `CALLBACK_SECRETS` where it is set, else the documented samples. */
export function sampleSecrets(environment: NodeJS.ProcessEnv = process.env): SecretsByVendor {
  const text = environment.CALLBACK_SECRETS;
  if (text === undefined) return SAMPLE_SECRETS;
  try {
    return JSON.parse(text) as SecretsByVendor;
  } catch {
    throw new Error(
      'CALLBACK_SECRETS is not JSON; expected {"rongcloud":{"<appId>":["<secret>"]},"tencent":{…},"zego":{…}}',
    );
  }
}
