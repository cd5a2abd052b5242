/** What the rows share: the built product, a network namespace of our own, and rules to work with. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** A module of the built product. */
export const built = (file) => import(pathToFileURL(join(ROOT, 'dist', file)).href);

/** Why rows that need the kernel cannot run, or undefined. */
export function lacksKernel() {
  if (process.getuid?.() !== 0) return 'needs root';
  const found = ['ip', 'ebtables-restore', 'iptables-restore'].every((tool) =>
    existsSync(join('/usr/sbin', tool)),
  );
  return found ? undefined : 'needs ebtables, iptables and iproute2';
}

let count = 0;

/** A fresh namespace; `remove` it afterwards. */
export function namespace() {
  count += 1;
  const name = `nwbench-${process.pid}-${count}`;
  must('ip', ['netns', 'add', name]);
  return { name, remove: () => must('ip', ['netns', 'del', name]) };
}

export function must(command, args, options = {}) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

/** Feeds the three texts to the raw tools, as somebody without nwgate would. */
export function feedRaw(netns, texts) {
  for (const [tool, text] of Object.entries(texts)) {
    if (text !== '') must('ip', ['netns', 'exec', netns, `${tool}-restore`, '--noflush'], { input: text });
  }
}

export const portNames = (number) => Array.from({ length: number }, (_, index) => `vnet${index}`);

const rule = (index, more) => ({
  kind: 'rule',
  id: `r${index}`,
  action: 'drop',
  direction: 'out',
  priority: 500,
  statematch: true,
  ...more,
});

const match = (attribute, value) => ({ attribute, value, negated: false });

/** A filter of so many tcp rules; `salt` makes another one of the same size. */
export function tcpFilter(rules, salt = 0) {
  const entries = Array.from({ length: rules }, (_, index) =>
    rule(index, {
      protocol: 'tcp',
      matches: [
        match('dstipaddr', `10.${salt}.${index >> 8}.${index & 255}`),
        match('dstportstart', String(1 + (index % 60000))),
      ],
    }),
  );
  return { name: 'bench', uuid: undefined, chain: 'root', priority: 0, entries };
}
