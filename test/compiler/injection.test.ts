/**
 * What is written into names, comments and values can only ever be that: the restore text, read by a small reader of its own
 * after the rules of the tools' source (iptables xshared.c, add_param_to_argv), gives back the rules it was made of.
 */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { ruleWords } from '../../src/compiler/line.js';
import { renderCommands, renderPort } from '../../src/compiler/render.js';
import { type PortRuleset, TOOLS, type Tool } from '../../src/compiler/ruleset.js';
import { parseSave } from '../../src/host/save.js';
import { NwgateError } from '../../src/model/errors.js';
import type { Filter } from '../../src/model/filter.js';
import { PROTOCOLS } from '../../src/protocols/registry.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { arbitraryFilter } from '../support/arbitrary-filter.js';

const LONG = process.env.NWGATE_LONG === '1';
const RUNS = LONG ? 3000 : 300;
vi.setConfig({ testTimeout: LONG ? 900_000 : 60_000 });

/** Words of one line as the tools split them: quotes open and close, a backslash takes the next character, in quotes only. */
function split(line: string): readonly string[] {
  const words: string[] = [];
  let [word, inWord, quoted] = ['', false, false];
  for (let at = 0; at < line.length; at += 1) {
    const c = line[at]!;
    if (quoted && c === '\\') {
      at += 1;
      word += line[at] ?? '';
    } else if (c === '"') {
      quoted = !quoted;
      inWord = true;
    } else if (!quoted && (c === ' ' || c === '\t')) {
      if (inWord) words.push(word);
      [word, inWord] = ['', false];
    } else {
      word += c;
      inWord = true;
    }
  }
  if (quoted) throw new Error(`a quote is open at the end of: ${line}`);
  return inWord ? [...words, word] : words;
}

/** Rules by tool and chain. Any line that is none of those a restore input has is an error. */
function readBack(
  text: string,
): Readonly<Record<string, ReadonlyMap<string, readonly (readonly string[])[]>>> {
  const tools: Record<string, Map<string, (readonly string[])[]>> = {};
  let chains = new Map<string, (readonly string[])[]>();
  for (const line of text.split(/[\n\r]/)) {
    if (/^# (ebtables|iptables|ip6tables)$/.test(line)) {
      chains = new Map();
      tools[line.slice(2)] = chains;
    } else if (/^:[A-Za-z0-9_.+:@-]+ (RETURN|ACCEPT|- \[0:0\])$/.test(line))
      chains.set(split(line)[0]!.slice(1), []);
    else if (/^-[AI] /.test(line)) {
      const [, chain, ...rest] = split(line);
      chains.set(chain!, [...(chains.get(chain!) ?? []), rest]);
    } else if (!/^(\*(nat|mangle|filter)|COMMIT|)$/.test(line)) throw new Error(`no line of ours: ${line}`);
  }
  return tools;
}

function comesBack(ruleset: PortRuleset): void {
  const text = renderPort(ruleset);
  const read = readBack(text);
  for (const tool of TOOLS) {
    // `^` with the flag m would also take U+2028 for the start of a line, which the tools do not.
    const section = text.split(/(?:^|\n)# /).find((each) => each.startsWith(`${tool}\n`)) ?? '';
    const saved = parseSave(section).flatMap(({ rules }) => rules);
    for (const { name, rules } of ruleset.tools[tool].chains) {
      const meant = rules.map((rule) => ruleWords(tool, rule));
      expect(read[tool]?.get(name)).toEqual(meant);
      expect(saved.filter(({ chain }) => chain === name).map(({ args }) => args)).toEqual(meant);
    }
  }
  expect(renderCommands(ruleset).split('\n').length - 1).toBe(commandCount(text));
}

const commandCount = (text: string) => text.split('\n').filter((line) => /^(:|-[AI] )/.test(line)).length;

/** What means something to a shell, to the tools, to XML, to a terminal or to a log. */
const scraps = fc.constantFrom(
  '"',
  '\\',
  "'",
  '\n',
  '\r',
  '\t',
  ' ',
  '-A',
  '-j ACCEPT',
  '\nCOMMIT\n',
  '\n-F\n',
  '*nat',
  ':INPUT',
  '# iptables',
  '$(id)',
  '`id`',
  ';',
  '|',
  '&',
  '!',
  '-',
  '--',
  '--comment',
  '-t',
  '-t nat',
  '%',
  '\u0000',
  '\u001b[2J',
  '\u2028',
  '\u202e',
  '{{1}}',
  '../',
  '<!--',
  ']]>',
  '\ud800',
  'é',
  '漢',
);
const hostile = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: scraps },
      fc.string({ maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''));

const escaped = (text: string) =>
  [...text].map((c) => (/[\w .:/-]/.test(c) ? c : `&#${c.codePointAt(0)};`)).join('');

/** A compiled filter, or undefined when it was refused with an error of ours. */
function compiled(work: () => PortRuleset): PortRuleset | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NwgateError) return undefined;
    throw error;
  }
}

describe('injection', () => {
  it('the rules of any filter come back from their text', () => {
    let count = 0;
    fc.assert(
      fc.property(arbitraryFilter({ variables: false, references: false }), hostile, (filter, comment) => {
        const entries = filter.entries.map((entry) =>
          entry.kind === 'rule' && entry.protocol === 'tcp'
            ? {
                ...entry,
                matches: [
                  ...entry.matches,
                  { attribute: 'comment', value: comment.replace(/[\n\r\0]/g, ''), negated: false },
                ],
              }
            : entry,
        );
        const ruleset = compiled(() => compileAlone({ ...filter, entries }));
        if (!ruleset) return;
        count += 1;
        comesBack(ruleset);
      }),
      { numRuns: RUNS },
    );
    expect(count).toBeGreaterThan(RUNS / 3);
  });

  it.each(PROTOCOLS.map(({ element }) => element))(
    'hostile values of every attribute of %s are refused or harmless',
    (element) => {
      const spec = PROTOCOLS.find((each) => each.element === element)!;
      const attributes = spec.attributes.map(({ name }) => name);
      fc.assert(
        fc.property(fc.constantFrom(...attributes), hostile, hostile, (attribute, value, name) => {
          const document = (filterName: string) =>
            `<filter name="${escaped(filterName)}"><rule action="drop" direction="inout"><${element} ${attribute}="${escaped(value)}"/></rule></filter>`;
          for (const filterName of ['a', name]) {
            const ruleset = compiled(() => compileAlone(readFilter(document(filterName))));
            if (ruleset) comesBack(ruleset);
          }
        }),
        { numRuns: Math.ceil(RUNS / 10) },
      );
    },
  );

  it('hostile comments that are taken come back whole', () => {
    let count = 0;
    fc.assert(
      fc.property(hostile, (value) => {
        const document = `<filter name="a"><rule action="drop" direction="in"><tcp comment="${escaped(value)}"/></rule></filter>`;
        const ruleset = compiled(() => compileAlone(readFilter(document)));
        if (!ruleset) return;
        count += 1;
        comesBack(ruleset);
        const words = [...(readBack(renderPort(ruleset)).iptables?.values() ?? [])].flat(2);
        expect(words.some((word) => word === value || word === `--comment=${value}`)).toBe(true);
      }),
      { numRuns: RUNS },
    );
    expect(count).toBeGreaterThan(10);
  });

  it('hostile variables are refused or harmless', () => {
    const filter = readFilter(
      '<filter name="a"><rule action="drop" direction="in"><tcp srcipaddr="$A" dstportstart="$B"/></rule><rule action="accept" direction="out"><mac srcmacaddr="$MAC"/></rule></filter>',
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, (a, b, mac) => {
        const parameters = [
          { name: 'A', value: a },
          { name: 'B', value: b },
        ];
        const ruleset = compiled(() => compile('a', () => filter, { port: 'vnet0', mac, parameters }));
        if (ruleset) comesBack(ruleset);
      }),
      { numRuns: RUNS },
    );
  });
});

function compileAlone(filter: Filter): PortRuleset {
  return compile(filter.name, () => filter, { port: 'vnet0', mac: undefined, parameters: [] });
}

/** The reader of this test reads what the tools read: examples by hand. */
describe('the reader', () => {
  it.each([
    ['a "b c" d', ['a', 'b c', 'd']],
    ['"a\\"b" "\\\\"', ['a"b', '\\']],
    ['--comment ""', ['--comment', '']],
  ])('%s', (line, words) => expect(split(line)).toEqual(words));

  it.each<[string, Tool]>([
    ['-F', 'iptables'],
    ['rm -rf /', 'iptables'],
  ])('%s is an error', (line, tool) => {
    expect(() => readBack(`# ${tool}\n*mangle\n${line}\nCOMMIT\n`)).toThrow();
  });
});
