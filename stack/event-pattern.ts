/** Whether an event matches a pattern. */
export type EventMatcher = (event: unknown) => boolean;

/** Whether one value of an event, `undefined` where it has none, is what a pattern asks for. */
type ValueMatcher = (value: unknown) => boolean;

/**
 * Reads an event pattern as EventBridge rules and filters of event source mappings have them: values, `prefix`,
 * `suffix`, `exists`, `anything-but`. Throws on every other comparison.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function eventMatcher(pattern: object): EventMatcher {
  const members = Object.entries(pattern).map(([name, inner]): [string, EventMatcher] => [
    name,
    Array.isArray(inner) ? anyOf(inner.map(valueMatcher)) : eventMatcher(inner),
  ]);
  return (event) => members.every(([name, matches]) => matches(memberOf(event, name)));
}

function memberOf(event: unknown, name: string): unknown {
  const isObject = typeof event === 'object' && event !== null && Object.hasOwn(event, name);
  return isObject ? (event as Record<string, unknown>)[name] : undefined;
}

/** Of a list in the event, one that matches is enough. */
function anyOf(matchers: ValueMatcher[]): EventMatcher {
  return (value) => {
    const values = Array.isArray(value) ? value : [value];
    return values.some((each) => matchers.some((matches) => matches(each)));
  };
}

function valueMatcher(wanted: unknown): ValueMatcher {
  if (typeof wanted !== 'object' || wanted === null) return (value) => value === wanted;
  const [[operator, operand] = [], ...others] = Object.entries(wanted);
  if (others.length > 0) throw unknownComparison(wanted);
  if (operator === 'prefix' && typeof operand === 'string')
    return textMatcher((text) => text.startsWith(operand));
  if (operator === 'suffix' && typeof operand === 'string')
    return textMatcher((text) => text.endsWith(operand));
  if (operator === 'exists') return (value) => (value !== undefined) === operand;
  if (operator === 'anything-but') {
    const unwanted = [operand].flat().map(valueMatcher);
    return (value) => value !== undefined && !unwanted.some((matches) => matches(value));
  }
  throw unknownComparison(wanted);
}

function textMatcher(matches: (text: string) => boolean): ValueMatcher {
  return (value) => typeof value === 'string' && matches(value);
}

function unknownComparison(wanted: object): Error {
  return new Error(`The embedded stack does not know the comparison ${JSON.stringify(wanted)}.`);
}
