import type { Random } from './random.ts';

/** A nonce such as the vendors send: `length` decimal digits, the first not 0. */
export function digits(random: Random, length: number): string {
  let text = String(1 + random.below(9));
  while (text.length < length) text += random.below(10);
  return text;
}

/** A hex signature in lower, upper or mixed case: all mean the same. */
export function mixedCase(random: Random, signature: string): string {
  if (random.chance(0.8)) return signature;
  return random.chance(0.5)
    ? signature.toUpperCase()
    : signature.replace(/[a-f]/g, (letter) => (random.chance(0.5) ? letter.toUpperCase() : letter));
}

/** A hex signature with one digit changed to another one. */
export function oneDigitOff(random: Random, signature = ''): string {
  const at = random.below(signature.length);
  const digit = (Number.parseInt(signature.charAt(at), 16) + 1 + random.below(15)) % 16;
  return signature.slice(0, at) + digit.toString(16) + signature.slice(at + 1);
}
