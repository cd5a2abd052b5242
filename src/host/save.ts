/** Reads what `ebtables-save`, `iptables-save` and `ip6tables-save` print (the same form, man iptables-save). Pure. */

export interface SavedRule {
  readonly chain: string;
  /** What stands behind `-A CHAIN`, unquoted. */
  readonly args: readonly string[];
}

export interface SavedTable {
  readonly name: string;
  /** Name → the word behind it, which is the policy where the chain has one. */
  readonly chains: ReadonlyMap<string, string>;
  /** In the order of the kernel within each chain. */
  readonly rules: readonly SavedRule[];
}

/** Comments, counters and everything it does not know are passed over: other people's tables may hold anything. */
export function parseSave(text: string): readonly SavedTable[] {
  const tables: { name: string; chains: Map<string, string>; rules: SavedRule[] }[] = [];
  for (const line of text.split('\n')) {
    const table = tables.at(-1);
    if (line.startsWith('*')) tables.push({ name: line.slice(1).trim(), chains: new Map(), rules: [] });
    else if (line.startsWith(':')) {
      const [name = '', policy = ''] = line.slice(1).split(' ');
      table?.chains.set(name, policy);
    } else {
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
  const args = rule.args.map((word, index) => (isComment(rule.args, index) ? undefined : word));
  const at = args.indexOf(name);
  const value = rule.args[at + 1];
  if (at < 0 || value === undefined) return undefined;
  // iptables writes the `!` before the option, ebtables behind it.
  if (args[at + 1] !== '!') return { value, negated: args[at - 1] === '!' };
  const behind = rule.args[at + 2];
  return behind === undefined ? undefined : { value: behind, negated: true };
}

/** Where a rule leads, by jump or goto: a chain or a verdict. */
export function target({ args }: SavedRule): string | undefined {
  const at = args.findLastIndex((word, index) => (word === '-j' || word === '-g') && !isComment(args, index));
  return at < 0 ? undefined : args[at + 1];
}

/** A comment may say anything, `!` and `-j` too; behind `--comment` that is one, there stands no option. */
function isComment(args: readonly string[], index: number): boolean {
  return args[index - 1] === '--comment' && !isComment(args, index - 1);
}
