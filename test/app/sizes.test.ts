/** A policy of ten thousand rules, each as wide as rules are, can be read again: no form writes more than the gate takes. */
import { expect, it } from 'vitest';
import { readPolicy, writePolicy } from '../../src/app/forms.js';
import type { Filter, Rule } from '../../src/model/filter.js';
import { LIMITS } from '../../src/xml/parse.js';
import { anyEngine } from '../support/engines.js';

const MATCHES = {
  srcmacaddr: '52:54:00:12:34:56',
  srcipaddr: '192.168.100.200',
  srcipmask: '24',
  dstipaddr: '192.168.101.201',
  dstipmask: '24',
  dscp: '46',
  srcportstart: '10000',
  srcportend: '65535',
  dstportstart: '10000',
  dstportend: '65535',
  state: 'NEW,ESTABLISHED',
  comment: 'what this rule is for and who wanted it',
};

const wide = (rules: number): Filter => ({
  name: 'department-web-servers',
  uuid: undefined,
  chain: 'root',
  priority: 0,
  entries: Array.from(
    { length: rules },
    (_, index): Rule => ({
      kind: 'rule',
      id: `0123456789abcdef${index + 1000}`,
      action: 'accept',
      direction: 'inout',
      priority: 500,
      statematch: true,
      protocol: 'tcp',
      matches: Object.entries(MATCHES).map(([attribute, value]) => ({ attribute, value, negated: false })),
    }),
  ),
});

it.each(['native', 'wscim', 'cimxml', 'mof'] as const)('%s: ten thousand wide rules fit', async (form) => {
  const context = { transform: anyEngine, systemName: 'host-17.rack-4.example.org' };
  const octets = async (rules: number) => {
    const { document } = await writePolicy(form, [wide(rules)], context);
    expect((await readPolicy({ document }, context)).filters[0]?.entries.length).toBe(rules);
    return Buffer.byteLength(document);
  };
  const perRule = ((await octets(60)) - (await octets(10))) / 50;
  expect(LIMITS.size / perRule).toBeGreaterThan(10_000);
});
