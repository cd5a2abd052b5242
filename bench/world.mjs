/** What the rows share: the built product, a network namespace of our own, and rules to work with. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The built product; NWGATE_DIST names another one. */
export const DIST = resolve(ROOT, process.env.NWGATE_DIST ?? 'dist');

/** A module of it. */
export const built = (file) => import(pathToFileURL(join(DIST, file)).href);

const { compile } = await built('compiler/compile.js');
const { readFilter } = await built('xml/nwfilter-read.js');

/** Why rows that need the kernel cannot run, or undefined. */
export function lacksKernel() {
  if (process.getuid?.() !== 0) return 'needs root';
  const found = ['ip', 'ebtables-restore', 'iptables-restore'].every((tool) =>
    existsSync(join('/usr/sbin', tool)),
  );
  return found ? undefined : 'needs ebtables, iptables and iproute2';
}

export function lacks(...programs) {
  const missing = programs.filter((name) => spawnSync(name, ['--version']).error);
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`;
}

let count = 0;

/** A fresh namespace; `remove` it afterwards. */
export function namespace() {
  count += 1;
  const name = `nwbench-${process.pid}-${count}`;
  must('ip', ['netns', 'add', name]);
  return { name, remove: () => must('ip', ['netns', 'del', name]) };
}

/** Its standard output. */
export function must(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error ?? stderr}`);
  return stdout;
}

/** In a namespace, where one is named. */
export function mustIn(netns, command, args, options) {
  return netns === undefined
    ? must(command, args, options)
    : must('ip', ['netns', 'exec', netns, command, ...args], options);
}

/** Feeds the texts to the raw tools, as somebody without nwgate would. */
export function feedRaw(texts, netns) {
  for (const [tool, text] of Object.entries(texts)) {
    if (text !== '') mustIn(netns, `${tool}-restore`, ['--noflush'], { input: text });
  }
}

export const portNames = (number) => Array.from({ length: number }, (_, index) => `vnet${index}`);

/** Of a port, by its number. */
export const macOf = (index) =>
  `52:54:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`;
export const addressOf = (index) => `10.1.${index >> 8}.${index & 255}`;

/** Rulesets of a filter on so many ports, each with a MAC and an IP of its own. */
export function onPorts(number, name, lookup) {
  return new Map(
    portNames(number).map((port, index) => [
      port,
      compile(name, lookup, {
        port,
        mac: macOf(index),
        parameters: [{ name: 'IP', value: addressOf(index) }],
      }),
    ]),
  );
}

/** The filters that come with nwgate, by name. */
export const BUILT_IN = new Map(
  readdirSync(join(ROOT, 'filters')).map((file) => {
    const filter = readFilter(readFileSync(join(ROOT, 'filters', file), 'utf8'));
    return [filter.name, filter];
  }),
);

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
export function tcpFilter(rules, salt = 0, name = 'bench') {
  const entries = Array.from({ length: rules }, (_, index) =>
    rule(index, {
      protocol: 'tcp',
      matches: [
        match('dstipaddr', `10.${salt}.${index >> 8}.${index & 255}`),
        match('dstportstart', String(1 + (index % 60000))),
      ],
    }),
  );
  return { name, uuid: undefined, chain: 'root', priority: 0, entries };
}
