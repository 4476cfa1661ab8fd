import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { CONTRACTS, changeEventSchema, openApi, readContract } from '../../docs/contracts/contracts.ts';

describe('the contracts for programs', () => {
  it.each(Object.keys(CONTRACTS) as (keyof typeof CONTRACTS)[])(
    '%s is what `npm run contracts` writes',
    async (name) => {
      expect(await readContract(name)).toEqual(JSON.parse(JSON.stringify(CONTRACTS[name]())));
    },
  );

  it('the OpenAPI document is one', async () => {
    const { valid, errors } = await new Validator().validate(openApi());
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('the schemas are JSON Schemas', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    expect(ajv.validateSchema(changeEventSchema())).toBe(true);
    expect(() => ajv.compile(changeEventSchema())).not.toThrow();
  });
});
