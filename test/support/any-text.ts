import fc from 'fast-check';

/** Code units that are treated specially somewhere: controls, surrogates, non-characters, the byte order mark. */
const SPECIAL = [0, 0x1f, 0x7f, 0x2028, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfeff, 0xfffe, 0xffff];

/** Any text of at least `minLength` UTF-16 code units, lone surrogates included. */
export function anyText(minLength = 0): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.integer({ min: 0x20, max: 0x7e }),
    fc.integer({ min: 0, max: 0xff_ff }),
    fc.constantFrom(...SPECIAL),
  );
  return fc.array(unit, { minLength }).map((units) => String.fromCharCode(...units));
}
