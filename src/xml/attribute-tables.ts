/** The tables of docs/filters.md, made from the rows that the reader goes by. */
import { CHAIN_KINDS } from '../model/chains.js';
import { ETHERNET } from '../protocols/ethernet.js';
import { PACKET } from '../protocols/packet.js';
import type { ProtocolSpec } from '../protocols/types.js';
import {
  FILTER_WORDS,
  FILTERREF_WORDS,
  NWG_NS,
  PARAMETER_WORDS,
  RULE_WORDS,
  type Word,
} from './vocabulary.js';

interface Row {
  readonly name: string;
  readonly expects: string;
  readonly about: string;
}

const escaped = (text: string) => text.replaceAll('|', '\\|');
const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [heads, heads.map(() => '---'), ...rows.map((cells) => cells.map(escaped))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
const attributeTable = (rows: readonly Row[]) =>
  table(
    ['attribute', 'takes', 'meaning'],
    rows.map(({ name, expects, about }) => [`\`${name}\``, expects, about]),
  );

function wordTable(words: readonly Word[]): string {
  const plain = words.filter(({ ns }) => ns !== NWG_NS);
  return attributeTable(
    plain.map(({ name, type, required, about }) => ({
      name,
      expects: type.expects,
      about: required ? `${about} (required)` : about,
    })),
  );
}

const rowsOf = (spec: ProtocolSpec): readonly Row[] =>
  spec.attributes.map(({ name, type, about }) => ({ name, expects: type.expects, about }));

const tags = (specs: readonly ProtocolSpec[]) => specs.map(({ element }) => `\`<${element}>\``).join(', ');

/** Rows of several protocols, each name once: what it takes in one or another, joined. */
function merged(specs: readonly ProtocolSpec[], accept: (name: string) => boolean): readonly Row[] {
  const rows = specs.flatMap(rowsOf).filter(({ name }) => accept(name));
  const names = [...new Set(rows.map(({ name }) => name))];
  return names.map((name) => {
    const same = rows.filter((row) => row.name === name);
    return { ...same[0]!, expects: [...new Set(same.map(({ expects }) => expects))].join(' / ') };
  });
}

/** arp and rarp have the same table, as have tcp-ipv6 and its like: one section for protocols with equal rows. */
function grouped(specs: readonly ProtocolSpec[], rows: (spec: ProtocolSpec) => readonly Row[]): string {
  const groups = new Map<string, ProtocolSpec[]>();
  for (const spec of specs) {
    const key = JSON.stringify(rows(spec));
    groups.set(key, [...(groups.get(key) ?? []), spec]);
  }
  return [...groups.values()]
    .map((group) => {
      const own = rows(group[0]!);
      return `${tags(group)}\n\n${own.length > 0 ? attributeTable(own) : 'Nothing of their own.'}`;
    })
    .join('\n\n');
}

function packetTables(): string {
  const [first] = PACKET;
  const shared = new Set(
    first!.attributes
      .map(({ name }) => name)
      .filter((name) => PACKET.every((spec) => spec.attributes.some((a) => a.name === name))),
  );
  const own = (spec: ProtocolSpec) => rowsOf(spec).filter(({ name }) => !shared.has(name));
  return [
    `All of them, the IPv4 ones with IPv4 addresses, the IPv6 ones with IPv6 addresses:`,
    attributeTable(merged(PACKET, (name) => shared.has(name))),
    'and each its own:',
    grouped(PACKET, own),
  ].join('\n\n');
}

/** Name of a generated part of docs/filters.md → its Markdown. */
export const TABLES: Readonly<Record<string, () => string>> = {
  filter: () => wordTable(FILTER_WORDS),
  rule: () => wordTable(RULE_WORDS),
  filterref: () => wordTable(FILTERREF_WORDS),
  parameter: () => wordTable(PARAMETER_WORDS),
  chains: () =>
    table(
      ['chain', 'default priority'],
      [...CHAIN_KINDS]
        .sort((a, b) => a.priority - b.priority)
        .map(({ prefix, priority }) => [prefix === 'root' ? '`root`' : `\`${prefix}…\``, String(priority)]),
    ),
  ethernet: () => grouped(ETHERNET, rowsOf),
  packet: packetTables,
};

/** The page with what stands between `<!-- table NAME -->` and `<!-- end -->` made anew. */
export function withTables(page: string): string {
  return page.replace(/(<!-- table ([a-z]+) -->)[\s\S]*?(<!-- end -->)/g, (_, start, name, end) => {
    const make = TABLES[name];
    return `${start}\n\n${make ? make() : `no table ${name}`}\n\n${end}`;
  });
}
