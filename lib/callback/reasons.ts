import type { QuarantineReason, RefusalReason } from './callback.ts';

/** The reasons that are not a verifier's or a parser's. */
type OtherReason =
  | 'empty_body'
  | 'body_too_large'
  | 'method_not_allowed'
  | 'secrets_unavailable'
  | 'stores_unavailable'
  | 'unknown_path'
  | 'wrong_url';

const REASONS: Record<RefusalReason | QuarantineReason | OtherReason, string> = {
  empty_body: 'the request had no body',
  body_too_large: 'the body is over 1 MiB',
  method_not_allowed: 'neither POST nor a probe',
  secrets_unavailable: 'the secrets could not be read; the vendor sends again',
  stores_unavailable: 'neither queue nor table took it; the vendor sends again',
  unreadable_credentials: 'the body, which carries the credentials, cannot be read',
  missing_app_id: 'no app id',
  missing_signature: 'nonce, timestamp or signature is missing',
  malformed_signature: 'the signature does not look like one',
  unknown_app: 'there is no secret for this app',
  wrong_signature: 'signed with another secret, or changed on its way',
  network_not_allowed: 'the address is not in an allowed network',
  missing_path_segment: 'the URL lacks the app’s segment',
  wrong_path_segment: 'the URL has the segment of another app or secret',
  unreadable_envelope: 'the message is not one of this version',
  unknown_source: 'this version does not know the source',
  unreadable_body: 'the body is not JSON',
  missing_task_id: 'the body names no task',
  missing_room_id: 'the body names no room',
  missing_file_name: 'the body names no file',
  unreadable_file_list: 'the list of files has another form than documented',
  no_task_or_room: 'the body names neither task nor room',
  no_history: 'says nothing of state, and the history is off',
  app_mismatch: 'the body names another app than the one that signed',
  unknown_path: 'no function has the path: the URL was pasted wrongly, or somebody is guessing',
  wrong_url: 'came by the URL of another source of the vendor, and was handled as its own',
  stale: 'signed too long before or after it came: a replay, or a wrong clock',
  malformed_timestamp: 'the signed timestamp has another form than the vendor documents',
  too_old_to_check: 'received over 28 days ago: whether its credential was reused is no longer known',
  nonce_reused: 'another body came with the same credential before',
  not_storable: 'too large or nested too deep for the table',
  unverified: 'did not verify, and shadow mode kept it',
};

/** What the reason of a verdict means, for people; `undefined` for one that is not known here. */
export function reasonText(reason: string): string | undefined {
  return Object.hasOwn(REASONS, reason) ? REASONS[reason as keyof typeof REASONS] : undefined;
}
