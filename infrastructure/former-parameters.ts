/** Parameters of earlier versions with what took their place; a removed one has no successor. */
const FORMER: readonly { former: RegExp; successor?: string }[] = [
  { former: /^(\w+)VendorSilentHours$/, successor: '$1AppSilentHours' },
  { former: /^(\w+)AllowedSources$/, successor: '$1AllowedNetworks' },
  { former: /^deletion(Policy|Protection)$/, successor: 'tableProtection' },
  { former: /^(pageRefreshSeconds|systemLogLevel)$/ },
];

/** What to do about the first of these parameters that only an earlier version had; `undefined` when all are current. */
export function formerParameter(names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = FORMER.find(({ former }) => former.test(name));
    if (found === undefined) continue;
    return found.successor === undefined
      ? `The parameter ${name} no longer exists: leave it out.`
      : `The parameter ${name} is now called ${name.replace(found.former, found.successor)}.`;
  }
  return undefined;
}
