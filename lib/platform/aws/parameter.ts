import { field, parseJson } from '../json.ts';
import { callAws } from './request.ts';

/** How long one read of the parameter store may take, in ms; the answer to the vendor has to wait for it. */
const READ_TIMEOUT_MS = 1_300;

/** Reads a parameter as text, or says why it cannot; `mayPass` is whether another attempt may succeed soon. */
export type ReadParameter = () => Promise<
  { ok: true; body: string } | { ok: false; reason: string; mayPass?: boolean }
>;

/** Reads an SSM SecureString. */
export function readParameter(name: string, region: string, endpoint: string): ReadParameter {
  return async () => {
    const answer = await callAws({
      service: 'ssm',
      target: 'AmazonSSM.GetParameter',
      protocol: 'application/x-amz-json-1.1',
      endpoint,
      region,
      body: JSON.stringify({ Name: name, WithDecryption: true }),
      deadline: Date.now() + READ_TIMEOUT_MS,
    });
    if (!answer.ok) return { ...answer, reason: `parameter ${name}: ${answer.reason}` };
    const value = field(field(parseJson(answer.body), 'Parameter'), 'Value');
    return typeof value === 'string'
      ? { ok: true, body: value }
      : { ok: false, reason: `parameter ${name} has no value` };
  };
}
