import type { CredentialForm } from '../../callback/callback.ts';

/**
 * The timestamp is Unix time in ms: 13 digits, at the end of what is hashed, so no other split has one.
 * https://docs.rongcloud.io/server-rtc-api/auth-callback
 */
export const rongcloudCredential: CredentialForm = {
  isTimestamp: (timestamp) => /^[1-9]\d{12}$/.test(timestamp),
  otherTimestamps: () => [],
};
