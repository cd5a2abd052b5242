/** Reads what `ebtables-save`, `iptables-save` and `ip6tables-save` print (the same form, man iptables-save). Pure. */

export interface SavedRule {
  readonly chain: string;
  /** What stands behind `-A CHAIN`, unquoted. */
  readonly args: readonly string[];
}

export interface SavedTable {
  readonly name: string;
  readonly chains: readonly string[];
  /** In the order of the kernel within each chain. */
  readonly rules: readonly SavedRule[];
}

/** Comments, counters and everything it does not know are passed over: other people's tables may hold anything. */
export function parseSave(text: string): readonly SavedTable[] {
  const tables: { name: string; chains: string[]; rules: SavedRule[] }[] = [];
  for (const line of text.split('\n')) {
    const table = tables.at(-1);
    if (line.startsWith('*')) tables.push({ name: line.slice(1).trim(), chains: [], rules: [] });
    else if (line.startsWith(':')) table?.chains.push(line.slice(1).split(' ')[0] ?? '');
    else {
      const [command, chain, ...args] = words(line.replace(/^\[\d+:\d+\] /, ''));
      if (command === '-A' && chain !== undefined) table?.rules.push({ chain, args });
    }
  }
  return tables;
}

/** Words as the tools quote them: `"…"` around blanks, a backslash before `"`, `\` and `'`. */
function words(line: string): string[] {
  return [...line.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1'),
  );
}

/** The argument of an option, and whether it is negated; undefined when the rule does not have it. */
export function option(rule: SavedRule, name: string): { value: string; negated: boolean } | undefined {
  const at = rule.args.indexOf(name);
  const [before, next, after] = [rule.args[at - 1], rule.args[at + 1], rule.args[at + 2]];
  if (at < 0 || next === undefined) return undefined;
  // iptables writes the `!` before the option, ebtables behind it.
  if (next === '!') return after === undefined ? undefined : { value: after, negated: true };
  return { value: next, negated: before === '!' };
}

/** Where a rule leads, by jump or goto: a chain or a verdict. It stands behind all tests, whatever a comment says. */
export function target({ args }: SavedRule): string | undefined {
  return args[Math.max(args.lastIndexOf('-j'), args.lastIndexOf('-g')) + 1];
}
