/** `npm run contracts`: writes what programs read of the contracts, as it follows from `types/` and from the paths below. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';
import { BODIES, PATHS } from './paths.ts';

/** A JSON Schema, or a part of it. */
export type Schema = { [key: string]: unknown };

const TYPES = fileURLToPath(new URL('../../types/index.d.ts', import.meta.url));

/** The documents, by their file names. */
export const CONTRACTS = {
  'openapi.json': openApi,
  'change-events.schema.json': changeEventSchema,
} as const;

/** A document as it is in the repository. */
export async function readContract(name: keyof typeof CONTRACTS): Promise<object> {
  return JSON.parse(await readFile(new URL(`./${name}`, import.meta.url), 'utf8'));
}

/**
 * The read and the write API as OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1.html. Members may be added to answers; with
 * `isClosed` there are no others, which tests want.
 */
export function openApi(isClosed = false): Schema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'rtc-callbacks read and write API',
      version: '1',
      description:
        'Which recordings and screenshots exist, where each file is, and which will be lost unless someone acts. Times ' +
        'are ISO 8601 UTC with milliseconds; what a vendor did not say is absent.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      {
        url: 'https://{api}.execute-api.{region}.amazonaws.com',
        variables: { api: { default: 'api' }, region: { default: 'us-east-1' } },
      },
      { url: 'http://127.0.0.1:3000', description: 'the stack of `npm start`' },
    ],
    security: [{ iam: [] }, {}],
    paths: PATHS,
    components: {
      securitySchemes: {
        iam: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'AWS Signature Version 4 for the service `execute-api`. Locally nothing is signed.',
        },
      },
      schemas: schemasOf(answerTypes(), '#/components/schemas/', isClosed),
    },
  };
}

/** The change events as JSON Schema 2020-12. */
export function changeEventSchema(isClosed = false): Schema {
  const $defs = schemasOf(['ChangeEvent'], '#/$defs/', isClosed);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A change event of rtc-callbacks',
    $ref: '#/$defs/ChangeEvent',
    $defs,
  };
}

/** The names of the types that answers have. */
function answerTypes(): string[] {
  const names = JSON.stringify(PATHS).matchAll(/#\/components\/schemas\/(\w+)/g);
  return [...new Set([...names].map(([, name = '']) => name))];
}

const generated = new Map<boolean, Schema>();

/** The schemas of all types, as the generator has them. */
function definitions(isClosed: boolean): Schema {
  const known = generated.get(isClosed);
  if (known !== undefined) return known;
  const generator = createGenerator({
    path: TYPES,
    expose: 'export',
    jsDoc: 'extended',
    encodeRefs: false,
    skipTypeCheck: true,
    additionalProperties: !isClosed,
  });
  const made = generator.createSchema('*').definitions as Schema;
  generated.set(isClosed, made);
  return made;
}

/** The schemas of some types, and of all that they are made of, where references begin with `prefix`. */
function schemasOf(types: readonly string[], prefix: string, isClosed: boolean): Schema {
  const parts = definitionsOf(definitions(isClosed), types).map(([name, schema]) => [
    partName(name),
    { ...(converted(schema, prefix) as Schema), ...(isBody(name) ? { additionalProperties: false } : {}) },
  ]);
  return Object.fromEntries(parts.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

/** What a reference of the generator begins with. */
const REFERENCE = '#/definitions/';

/** The definitions of some types, and of all that they refer to. */
function definitionsOf(all: Schema, types: readonly string[]): [string, unknown][] {
  const names = new Set(types);
  for (const name of names) {
    JSON.stringify(all[name], (key, value) => {
      if (key === '$ref') names.add(String(value).replace(REFERENCE, ''));
      return value;
    });
  }
  return [...names].map((name) => [name, all[name]]);
}

function isBody(name: string): boolean {
  return (BODIES as readonly string[]).includes(name);
}

/** `CloudEvent<("rtc.file.recording"|…),FileChange>` has characters that no reference may have. */
function partName(name: string): string {
  const [generic = '', parameters] = name.split('<', 2);
  return parameters === undefined ? generic : `${generic}Of${/,\(?(\w+)/.exec(parameters)?.[1]}`;
}

/** A schema of the generator as one of ours: with other references, and with the form of times. Bodies have no other members. */
function converted(value: unknown, prefix: string, name = ''): unknown {
  if (Array.isArray(value)) return value.map((part) => converted(part, prefix));
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as Schema;
  if (typeof schema.$ref === 'string') {
    const { $ref, ...rest } = schema;
    return { ...rest, $ref: prefix + partName(String($ref).replace(REFERENCE, '')) };
  }
  const members = Object.entries(schema).map(([key, part]) => [key, converted(part, prefix, key)]);
  const isTime = schema.type === 'string' && /At$|^at$|^since$|^until$|^time$|^expectedBy$/.test(name);
  return { ...Object.fromEntries(members), ...(isTime ? { format: 'date-time' } : {}) };
}

if (import.meta.main) {
  for (const [name, make] of Object.entries(CONTRACTS)) {
    await writeFile(new URL(`./${name}`, import.meta.url), `${JSON.stringify(make(), null, 2)}\n`);
  }
}
