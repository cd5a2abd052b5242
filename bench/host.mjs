/** The kernel host beside the raw restore tools fed with the same rules. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from './measure.mjs';
import { built, feedRaw, lacksKernel, namespace, portNames, ROOT, tcpFilter } from './world.mjs';

const { compile } = await built('compiler/compile.js');
const { plan, applyToView, emptyView } = await built('compiler/plan.js');
const { chooseHost } = await built('host/choose.js');
const { readFilter } = await built('xml/nwfilter-read.js');

const builtIn = new Map(
  readdirSync(join(ROOT, 'filters')).map((file) => {
    const filter = readFilter(readFileSync(join(ROOT, 'filters', file), 'utf8'));
    return [filter.name, filter];
  }),
);

const address = (index) => `10.1.${index >> 8}.${index & 255}`;

/** Rulesets of a filter on so many ports, each with a MAC and an IP of its own. */
function onPorts(number, name, lookup) {
  return new Map(
    portNames(number).map((port, index) => {
      const mac = `52:54:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`;
      return [
        port,
        compile(name, lookup, { port, mac, parameters: [{ name: 'IP', value: address(index) }] }),
      ];
    }),
  );
}

/** The input of each tool for a change, as one text per tool: what the raw tools are given. */
function rawTexts(view, changes) {
  const texts = { ebtables: '', iptables: '', ip6tables: '' };
  for (const { batch } of plan(view, changes).steps) texts[batch.tool] += batch.input;
  return texts;
}

/** Our host and the raw tools, each in a namespace of its own, brought from `before` to `changes`. */
async function beside(before, changes) {
  const spaces = [];
  const fresh = () => {
    const space = namespace();
    spaces.push(space);
    return space.name;
  };
  let host;
  let raw;
  const start = applyToView(emptyView, before);
  const result = await compare({
    prepare: async () => {
      host = await chooseHost({ want: 'kernel', netns: fresh() });
      await host.replace(before);
    },
    ours: () => host.apply(changes),
    prepareReference: async () => {
      raw = fresh();
      feedRaw(raw, rawTexts(emptyView, before));
    },
    reference: async () => feedRaw(raw, rawTexts(start, changes)),
  });
  for (const space of spaces) space.remove();
  return result;
}

const lookup = (name) => builtIn.get(name);
const NONE = new Map();

/** clean-traffic with one rule more, as an edit of the filter makes it. */
function changedLookup(name) {
  const filter = builtIn.get(name);
  if (name !== 'no-mac-spoofing') return filter;
  const extra = {
    ...filter.entries[0],
    id: 'extra',
    priority: 450,
    matches: [{ attribute: 'srcmacaddr', value: '02:00:00:00:00:01', negated: false }],
  };
  return { ...filter, entries: [extra, ...filter.entries] };
}

export const hostRows = [
  {
    name: 'bind clean-traffic on N ports at once',
    reach: '≤ 2 × raw at 100 and more',
    lacks: lacksKernel,
    sizes: [1, 10, 100, 300],
    run: (size) => beside(NONE, onPorts(size, 'clean-traffic', lookup)),
  },
  {
    name: 'change a filter in use on N ports',
    reach: '≤ 2 × raw',
    lacks: lacksKernel,
    sizes: [1, 10, 100, 300],
    run: (size) =>
      beside(onPorts(size, 'clean-traffic', lookup), onPorts(size, 'clean-traffic', changedLookup)),
  },
  {
    name: 'bind a filter of N rules',
    reach: '≤ 2 × raw',
    lacks: lacksKernel,
    sizes: [10, 100, 1_000, 10_000],
    run: (size) =>
      beside(
        NONE,
        onPorts(1, 'bench', () => tcpFilter(size)),
      ),
  },
  {
    name: 'change a filter of N rules on one port',
    reach: '≤ 2 × raw',
    lacks: lacksKernel,
    sizes: [10, 100, 1_000, 10_000],
    run: (size) =>
      beside(
        onPorts(1, 'bench', () => tcpFilter(size)),
        onPorts(1, 'bench', () => tcpFilter(size, 1)),
      ),
  },
  {
    name: 'change one port while N others stay',
    reach: '≤ 3 × raw of that port alone',
    lacks: lacksKernel,
    sizes: [10, 100, 300],
    run: (size) => {
      const all = onPorts(size + 1, 'clean-traffic', lookup);
      const one = onPorts(1, 'clean-traffic', changedLookup);
      return beside(all, one);
    },
  },
];
