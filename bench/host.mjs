/** The kernel host beside the raw restore tools, which are given once what brings them from the old rules to the new. */
import { lacksLibvirt, withLibvirt } from './libvirt.mjs';
import { compare, seconds } from './measure.mjs';
import { BUILT_IN, built, feedRaw, lacksKernel, must, onPorts, tcpFilter } from './world.mjs';

const { applyToView, emptyView } = await built('compiler/plan.js');
const { chainsOf } = await built('compiler/view.js');
const { restoreText, transition } = await built('compiler/transition.js');
const { writeFilter } = await built('xml/nwfilter-write.js');
const { chooseHost } = await built('host/choose.js');

/** One text per tool: the least that somebody without nwgate would have to write for the same rules. */
function rawTexts(view, changes) {
  const after = applyToView(view, changes);
  return Object.fromEntries(
    Object.keys(view).map((tool) => {
      const chains = new Map(chainsOf(tool, changes).map((chain) => [chain.name, chain]));
      const lines = transition(tool, view[tool], after[tool], { chains, rewrite: false });
      return [tool, lines.length === 0 ? '' : restoreText(tool, lines)];
    }),
  );
}

/**
 * Our host and the raw tools in turn, in this namespace, from `before` to `changes`. The host is one that has run for a while: it has found
 * out what this kernel can.
 */
async function beside(before, changes) {
  const host = await chooseHost({ want: 'kernel' });
  const texts = rawTexts(applyToView(emptyView, before), changes);
  const result = await compare({
    prepare: () => host.replace(before),
    ours: () => host.apply(changes),
    reference: async () => feedRaw(texts),
  });
  await host.replace(NONE);
  return result;
}

const NONE = new Map();
const clean = (name) => BUILT_IN.get(name);

/** clean-traffic with one rule more, as an edit of the filter makes it. */
export function changedClean(name) {
  const filter = BUILT_IN.get(name);
  if (name !== 'no-mac-spoofing') return filter;
  const extra = {
    ...filter.entries[0],
    id: 'extra',
    priority: 450,
    matches: [{ attribute: 'srcmacaddr', value: '02:00:00:00:00:01', negated: false }],
  };
  return { ...filter, entries: [extra, ...filter.entries] };
}

const row = (name, sizes, reach, met, run) => ({ name, sizes, reach, met, run, lacks: lacksKernel });
const twice = ({ ratio }) => ratio <= 2;
const PORTS = [1, 10, 100, 300];
const RULES = [10, 100, 1_000, 10_000];
const rules = (size, salt) => onPorts(1, 'bench', () => tcpFilter(size, salt));
const fromHundred = ({ size, ratio }) => (size < 100 ? undefined : ratio <= 2);

export const hostRows = [
  row('bind clean-traffic on N ports at once', PORTS, '≤ 2 × raw from 100 on', fromHundred, (size) =>
    beside(NONE, onPorts(size, 'clean-traffic', clean)),
  ),
  row('change a filter in use on N ports', PORTS, '≤ 2 × raw', twice, (size) =>
    beside(onPorts(size, 'clean-traffic', clean), onPorts(size, 'clean-traffic', changedClean)),
  ),
  row('bind a filter of N rules', RULES, '≤ 2 × raw', twice, (size) => beside(NONE, rules(size))),
  row('change a filter of N rules on one port', RULES, '≤ 2 × raw', twice, (size) =>
    beside(rules(size), rules(size, 1)),
  ),
  row(
    'change one port while N others stay',
    [10, 100, 300],
    '≤ 3 × raw of that port',
    ({ ratio }) => ratio <= 3,
    (size) => beside(onPorts(size + 1, 'clean-traffic', clean), onPorts(1, 'clean-traffic', changedClean)),
  ),
  ...libvirtRows(),
];

/** The same work by libvirt, which takes minutes: ten of them at a hundred ports. */
function libvirtRows() {
  const beyond =
    (times, from) =>
    ({ size, ratio }) =>
      size < from ? undefined : ratio <= 1 / times;
  const both = async (ports, name, documents, edited, figures) => {
    for (let index = 0; index < ports; index += 1)
      must('ip', ['link', 'add', `vnet${index}`, 'type', 'veth', 'peer', 'name', `far${index}`]);
    try {
      const [bind, change] = await withLibvirt(async (libvirt) => {
        if (documents.length > 0) libvirt.define(documents)();
        const first = await seconds(async () => libvirt.bind(name, ports)());
        const edit = libvirt.edit(edited.name, writeFilter({ ...edited, uuid: undefined }));
        const second = await seconds(async () => edit());
        libvirt.unbind(ports);
        return [first, second];
      });
      return [
        { ...(await figures.bind()), reference: bind, ratio: undefined },
        { ...(await figures.change()), reference: change, ratio: undefined },
      ];
    } finally {
      for (let index = 0; index < ports; index += 1) must('ip', ['link', 'del', `vnet${index}`]);
    }
  };
  const make = (name, sizes, times, which, run) => ({
    ...row(
      name,
      sizes,
      `≥ ${times} × faster at ${sizes.at(-1)}`,
      beyond(times, sizes.at(-1)),
      async (size) => (await run(size))[which],
    ),
    lacks: () => lacksKernel() ?? lacksLibvirt(),
    option: '--libvirt',
  });
  const ports = (size) =>
    both(size, 'clean-traffic', [], changedClean('no-mac-spoofing'), {
      bind: () => beside(NONE, onPorts(size, 'clean-traffic', clean)),
      change: () =>
        beside(onPorts(size, 'clean-traffic', clean), onPorts(size, 'clean-traffic', changedClean)),
    });
  const many = (size) =>
    both(1, 'bench', [writeFilter(tcpFilter(size))], tcpFilter(size, 1), {
      bind: () => beside(NONE, rules(size)),
      change: () => beside(rules(size), rules(size, 1)),
    });
  return [
    make('bind on N ports, beside libvirt', [1, 10], 100, 0, ports),
    make('change a filter on N ports, beside libvirt', [1, 10, 100], 500, 1, ports),
    make('bind a filter of N rules, beside libvirt', [10, 100, 1_000], 100, 0, many),
    make('change a filter of N rules, beside libvirt', [10, 100, 1_000], 100, 1, many),
  ];
}
