import type { ConsolePlace } from '../common/console.ts';

const SECRET = 'CallbackSecret (not the ServerSecret)';

/** The project's callbacks; both routes take every family. */
export const zegoPlaces: readonly ConsolePlace[] = [
  {
    source: 'zego',
    name: 'RTC callbacks, Cloud Player',
    where: 'Console → project → callbacks; the on-demand screenshot by technical support',
    secret: SECRET,
  },
  {
    source: 'zego-recording',
    name: 'Cloud Recording',
    where: 'when the service is enabled, or per task in StartRecord',
    secret: SECRET,
  },
];

/** What makes a pair of AppID and CallbackSecret look wrong; `undefined` when nothing does. */
export function zegoSecretOddity(appId: string): string | undefined {
  return /^\d+$/.test(appId) ? undefined : 'the app id is no AppID, which is a number';
}
