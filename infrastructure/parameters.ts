/**
 * The parameters of a stage: what each may be, its default and its meaning. Validation, the typed values of the template and
 * the table of docs/parameters.md come from here.
 */

import { isTimeZone } from '../lib/query/time-zone.ts';
import { CHOICES, ingestSettings } from '../lib/receive/settings.ts';
import { parameterName } from '../lib/vendors/common/settings.ts';
import { VENDORS } from '../lib/vendors/index.ts';

/** A value as it reaches the template. */
export type Value = string | number | boolean | readonly string[];

/** What a parameter may be: `parse` reads a value and returns `undefined` for one that is not allowed. */
export interface Parameter {
  name: string;
  /** What is allowed, for people. */
  allowed: string;
  /** Absent when the parameter is then not set. */
  default?: Value;
  meaning: string;
  parse(text: string): Value | undefined;
}

const anyOf = new Intl.ListFormat('en', { type: 'disjunction' });

function choice(name: string, values: readonly string[], meaning: string): Parameter {
  const parse = (text: string) => values.find((value) => value === text);
  return { name, allowed: anyOf.format(values), default: values[0] ?? '', meaning, parse };
}

interface Range {
  from: number;
  to: number;
  whole?: boolean;
}

function number(
  name: string,
  { from, to, whole = true }: Range,
  fallback: number | undefined,
  meaning: string,
): Parameter {
  return {
    name,
    allowed: `${whole ? 'a whole number' : 'a number'} from ${from} to ${to}`,
    ...(fallback === undefined ? {} : { default: fallback }),
    meaning,
    parse(text) {
      const value = text.trim() === '' ? Number.NaN : Number(text);
      return value >= from && value <= to && (!whole || Number.isInteger(value)) ? value : undefined;
    },
  };
}

function boolean(name: string, fallback: boolean, meaning: string): Parameter {
  const parse = (text: string) => ({ true: true, false: false })[text];
  return { name, allowed: 'true or false', default: fallback, meaning, parse };
}

function text(name: string, allowed: string, pattern: RegExp, meaning: string): Parameter {
  return { name, allowed, default: '', meaning, parse: (value) => (pattern.test(value) ? value : undefined) };
}

function networks(name: string, meaning: string): Parameter {
  return {
    name,
    allowed: 'addresses and networks such as 192.0.2.0/24, separated by commas',
    default: '',
    meaning,
    parse(value) {
      try {
        ingestSettings({ ALLOWED_NETWORKS: value });
        return value;
      } catch {
        return undefined;
      }
    },
  };
}

const VENDOR_NAMES = Object.keys(VENDORS);

function vendorList(): Parameter {
  return {
    name: 'vendors',
    allowed: `some of ${VENDOR_NAMES.join(', ')}, separated by commas`,
    default: VENDOR_NAMES,
    meaning: 'Vendors whose functions are deployed.',
    parse(value) {
      const names = value.split(/[\s,]+/).filter(Boolean);
      return names.length > 0 && names.every((name) => VENDOR_NAMES.includes(name))
        ? [...new Set(names)]
        : undefined;
    },
  };
}

const ANY_NUMBER = { from: 0, to: 100_000, whole: false };

/** Retention periods that CloudWatch Logs knows, in days. */
const LOG_RETENTION = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const OF_SETTING: Record<string, string> = {
  timestampWindowHours: 'How far a signed timestamp may be from reception.',
  uploadMissingMinutes:
    'How long an upload may take after the end of its recording or file; 0 here and below: never overdue.',
  taskSilentHours: 'How long a running task may be silent.',
  screenshotMissingMinutes: 'How long a running screenshot task may go without a picture.',
  purgeNearHours: 'How long before its deletion a file needs attention again.',
  appSilentHours: 'How long an app that used to call may be silent.',
};

function ofVendor({ name, settings }: (typeof VENDORS)[keyof typeof VENDORS]): Parameter[] {
  return [
    networks(parameterName(name, 'allowedNetworks'), 'Networks that may send; all when empty.'),
    choice(
      parameterName(name, 'pathSegment'),
      CHOICES.PATH_SEGMENT,
      "Whether callback URLs need the app's unguessable segment.",
    ),
    choice(
      parameterName(name, 'verificationMode'),
      CHOICES.VERIFICATION_MODE,
      'shadow: callbacks that do not verify are acknowledged and quarantined.',
    ),
    ...Object.entries(settings).flatMap(([setting, fallback]) =>
      fallback === null
        ? []
        : [number(parameterName(name, setting), ANY_NUMBER, fallback, OF_SETTING[setting] ?? '')],
    ),
  ];
}

export const PARAMETERS: readonly Parameter[] = [
  vendorList(),
  choice('gateway', ['http', 'rest', 'url'], 'HTTP API, REST API behind AWS WAF, or function URLs.'),
  number(
    'wafRequestsPerAddress',
    { from: 10, to: 2_000_000_000 },
    10_000,
    'With rest: requests of an address in five minutes before AWS WAF blocks it.',
  ),
  text(
    'domainName',
    'a host name',
    /^([a-z0-9-]+\.)+[a-z]{2,}$|^$/,
    'A domain of your own, for http and rest.',
  ),
  text(
    'certificateArn',
    "the ARN of a certificate of the stage's region",
    /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/.+$|^$/,
    "The domain's certificate.",
  ),
  number('eventHistoryDays', { from: 0, to: 3_650 }, 30, 'How long stored callbacks are kept; 0 keeps none.'),
  number(
    'retentionDays',
    { from: 0, to: 36_500 },
    0,
    'How long tasks, files and rooms are kept after their last change; 0: for ever.',
  ),
  text(
    'secretsKeyArn',
    'the ARN of a KMS key',
    /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$|^$/,
    'Your own KMS key that encrypts the secrets.',
  ),
  number(
    'ingestReservedConcurrency',
    { from: 1, to: 10_000 },
    undefined,
    'Reserved concurrency of each receiving function, also its limit.',
  ),
  number('consumerMaximumConcurrency', { from: 2, to: 1_000 }, undefined, 'Most concurrent consumers.'),
  number(
    'consumerBatchSize',
    { from: 1, to: 10_000 },
    10,
    'Callbacks applied together; over 10 needs a window.',
  ),
  number('consumerBatchingWindowSeconds', { from: 0, to: 300 }, 0, 'How long a batch waits for more.'),
  number(
    'maximumMessageBytes',
    { from: 262_144, to: 1_048_576 },
    1_048_576,
    'Largest message that SQS takes in the region; larger bodies go through the table.',
  ),
  boolean('changeEvents', true, 'Whether change events are sent.'),
  text('webhookUrl', 'an http or https URL', /^https?:\/\/\S+$|^$/, 'URL that change events are posted to.'),
  number(
    'attentionDays',
    ANY_NUMBER,
    7,
    'How long an attention item stays without a fitting callback; 0: for ever.',
  ),
  number(
    'failedUploadAlarmMinutes',
    ANY_NUMBER,
    30,
    'How long an upload must have failed, while it can be saved, to set off the alarm.',
  ),
  text(
    'alertEmail',
    'an e-mail address',
    /^[^\s@]+@[^\s@]+$|^$/,
    'Address for alarms and notices; it confirms the subscription.',
  ),
  choice('storageCheck', ['off', 'on'], 'Whether a function checks your buckets for unreported uploads.'),
  text(
    'storageBuckets',
    'ARNs of S3 buckets, separated by commas',
    /^(arn:aws[\w-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](,(?!$)|$))*$/,
    "Buckets that the function's role may read; others need a key.",
  ),
  choice(
    'confirmUploads',
    ['off', 'on'],
    'Whether every uploaded file is looked up once; a missing one needs attention.',
  ),
  choice(
    'zegoQuery',
    ['off', 'on'],
    'Whether a function asks ZEGOCLOUD about recordings with missing callbacks.',
  ),
  choice(
    'page',
    ['off', 'iam', 'token'],
    'Page for nobody, for IAM identities, or for holders of the token.',
  ),
  choice('pageThumbnails', ['off', 'on'], 'Whether the page loads pictures from URLs in callbacks.'),
  {
    name: 'pageTimeZone',
    allowed: 'a time zone such as Asia/Shanghai',
    default: 'UTC',
    meaning: 'Time zone of dates and days on the page.',
    parse: (value) => (isTimeZone(value) ? value : undefined),
  },
  {
    ...number('logRetentionDays', { from: 1, to: 3_653 }, 30, 'How long logs are kept.'),
    allowed: anyOf.format(LOG_RETENTION.map(String)),
    parse: (value) => LOG_RETENTION.find((days) => String(days) === value.trim()),
  },
  choice(
    'logLevel',
    ['info', 'warn', 'error'],
    'Lowest level that is logged; metrics of other lines are lost.',
  ),
  choice('metrics', ['on', 'off'], 'Whether log lines carry metrics.'),
  choice('tracing', ['off', 'on'], 'Whether AWS X-Ray records traces.'),
  choice('tableProtection', ['on', 'off'], 'Whether the table outlives the stack.'),
  text('ledgerTableName', 'a table name', /^[\w.-]{3,255}$|^$/, 'Table name of a stage deployed before 0.2.'),
  ...Object.values(VENDORS).flatMap(ofVendor),
];

/** Where a stage goes. */
export interface Place {
  stage: string;
  region: string;
}

/** The typed values, with defaults for what is not given or wrong, and what is wrong: each names its parameter. */
export interface Checked {
  values: Record<string, Value>;
  problems: string[];
}

/** Reads what an operator has given, by the names of parameters. */
export function checkParameters(given: Readonly<Record<string, unknown>>, place: Place): Checked {
  const problems = Object.keys(given)
    .filter((name) => !PARAMETERS.some((parameter) => parameter.name === name))
    .map((name) => formerParameter(name) ?? `There is no parameter ${name}.`);
  const values: Record<string, Value> = {};
  for (const parameter of PARAMETERS) {
    const { name, allowed } = parameter;
    const value = given[name] === undefined ? undefined : parameter.parse(textOf(given[name]));
    if (given[name] !== undefined && value === undefined)
      problems.push(`The parameter ${name} must be ${allowed}, not "${textOf(given[name])}".`);
    const chosen = value ?? parameter.default;
    if (chosen !== undefined) values[name] = chosen;
  }
  return { values, problems: [...problems, ...combinations(values, place), ...stageProblems(place)] };
}

/** A list of YAML and text of the command line are the same. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** Regions without function URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html */
const WITHOUT_FUNCTION_URLS =
  /^(cn-|us-gov-|ap-(south-2|southeast-[4567]|east-2)$|ca-west-1$|eu-(south|central)-2$|il-central-1$|me-central-1$)/;

function combinations(values: Record<string, Value>, { region }: Place): string[] {
  const { gateway, domainName, certificateArn, consumerBatchSize, consumerBatchingWindowSeconds, tracing } =
    values;
  const { storageCheck, storageBuckets, confirmUploads } = values;
  const rules: [boolean, string][] = [
    [
      Number(consumerBatchSize) > 10 && Number(consumerBatchingWindowSeconds) < 1,
      'A consumerBatchSize over 10 needs consumerBatchingWindowSeconds of at least 1.',
    ],
    [(domainName === '') !== (certificateArn === ''), 'domainName and certificateArn need each other.'],
    [domainName !== '' && gateway === 'url', 'A domainName needs the gateway http or rest.'],
    [
      certificateArn !== '' && String(certificateArn).split(':')[3] !== region,
      `certificateArn must be of the region that is deployed to, ${region}.`,
    ],
    [
      gateway === 'url' && WITHOUT_FUNCTION_URLS.test(region),
      `There are no function URLs in ${region}: choose another gateway.`,
    ],
    [
      storageCheck === 'off' && (storageBuckets !== '' || confirmUploads === 'on'),
      'storageBuckets and confirmUploads need storageCheck to be on.',
    ],
    [
      tracing === 'on' && region.startsWith('cn-'),
      `Lambda has no AWS X-Ray in ${region}: leave out tracing.`,
    ],
  ];
  return rules.filter(([applies]) => applies).map(([, problem]) => problem);
}

/** Names of Lambda functions have at most 64 characters. */
const LONGEST_STAGE =
  64 -
  'rtc-callbacks--'.length -
  Math.max(...Object.values(VENDORS).flatMap(({ sources }) => sources.map(({ name }) => name.length)));

function stageProblems({ stage }: Place): string[] {
  if (/^[A-Za-z][A-Za-z0-9-]*$/.test(stage) && stage.length <= LONGEST_STAGE) return [];
  return [
    `A stage's name has letters, digits and hyphens, begins with a letter, and has at most ${LONGEST_STAGE} characters, unlike "${stage}".`,
  ];
}

/** Parameters of earlier versions with what took their place; a removed one has no successor. */
const FORMER: readonly { former: RegExp; successor?: string }[] = [
  { former: /^(\w+)VendorSilentHours$/, successor: '$1AppSilentHours' },
  { former: /^(\w+)AllowedSources$/, successor: '$1AllowedNetworks' },
  { former: /^deletion(Policy|Protection)$/, successor: 'tableProtection' },
  { former: /^(pageRefreshSeconds|systemLogLevel)$/ },
];

/** What to do about a parameter that only an earlier version had. */
function formerParameter(name: string): string | undefined {
  const found = FORMER.find(({ former }) => former.test(name));
  if (found === undefined) return undefined;
  return found.successor === undefined
    ? `The parameter ${name} no longer exists: leave it out.`
    : `The parameter ${name} is now called ${name.replace(found.former, found.successor)}.`;
}
