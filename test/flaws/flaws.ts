import { ATTENTION_FLAWS } from './attention-flaws.ts';
import { CONSUMER_FLAWS } from './consumer-flaws.ts';
import type { Flaw } from './flaw.ts';
import { INGEST_FLAWS } from './ingest-flaws.ts';
import { LIST_FLAWS } from './list-flaws.ts';
import { LOOKUP_FLAWS } from './lookup-flaws.ts';
import { MATRIX_FLAWS } from './matrix-flaws.ts';
import { SECURITY_FLAWS } from './security-flaws.ts';
import { STATE_FLAWS } from './state-flaws.ts';
import { WRITE_FLAWS } from './write-flaws.ts';

/** Every flaw that the suite must notice. */
export const FLAWS: readonly Flaw[] = [
  ...MATRIX_FLAWS,
  ...SECURITY_FLAWS,
  ...INGEST_FLAWS,
  ...CONSUMER_FLAWS,
  ...STATE_FLAWS,
  ...ATTENTION_FLAWS,
  ...LIST_FLAWS,
  ...LOOKUP_FLAWS,
  ...WRITE_FLAWS,
];
