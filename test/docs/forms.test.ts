/** The table of docs/forms.md, cell by cell: `yes` comes back as it went, `no` is refused by name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FORMS, type Form } from '../../src/app/api.js';
import { readPolicy, writePolicy } from '../../src/app/forms.js';
import { NwgateError } from '../../src/model/errors.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';
import { cached, resultCache } from '../../src/xslt/cache.js';
import { anyEngine, pure } from '../support/engines.js';

afterAll(() => pure.close());

const context = { transform: cached(anyEngine, resultCache()), systemName: 'host1.example' };

const filter = (body: string, attributes = "chain='root'", name = 'f') =>
  `<filter name='${name}' ${attributes}><uuid>5c1d8f3e-0000-4000-8000-000000000001</uuid>${body}</filter>`;
const rule = (match: string, action = 'drop', direction = 'out', more = '') =>
  `<rule action='${action}' direction='${direction}' ${more}>${match}</rule>`;
const one = (match: string) => [filter(rule(match))];

/** A document for each row of the table. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  'accept and drop, in and out': [filter(rule('<ip/>', 'accept', 'in') + rule('<ip/>'))],
  'reject, return, continue': [
    filter(['reject', 'return', 'continue'].map((action) => rule('<ip/>', action)).join('')),
  ],
  'both directions in one rule': [filter(rule('<ip/>', 'drop', 'inout'))],
  'a priority other than 500': [filter(rule('<ip/>', 'drop', 'out', "priority='-7'"))],
  'chain and priority of the filter': [filter(rule('<ip/>'), "chain='ipv4-x' priority='3'")],
  'references and their parameters': [
    filter("<filterref filter='g'><parameter name='A' value='1'/></filterref>"),
  ],
  'a rule without protocol': one(''),
  'MAC addresses and masks': one("<mac srcmacaddr='52:54:00:00:00:01' srcmacmask='ff:ff:ff:00:00:00'/>"),
  VLAN: one("<vlan vlanid='3'/>"),
  ARP: one("<arp opcode='Request' arpsrcipaddr='10.0.0.1'/>"),
  STP: one("<stp type='0'/>"),
  'IP addresses and masks, ports': one(
    "<tcp srcipaddr='10.0.0.0' srcipmask='24' dstportstart='1' dstportend='2'/>",
  ),
  'ranges of addresses': one("<tcp srcipfrom='10.0.0.1' srcipto='10.0.0.9'/>"),
  'ICMP types, TCP flags': [filter(rule("<icmp type='8'/>") + rule("<tcp flags='SYN/ALL'/>"))],
  'connection states and limits': one("<tcp state='NEW' connlimit-above='3'/>"),
  'IP sets': one("<udp ipset='blocked' ipsetflags='src,dst'/>"),
  'negation of an attribute': one("<ip match='no' srcipaddr='10.0.0.1'/>"),
  '$MAC and $IP': one("<ip srcmacaddr='$MAC' srcipaddr='$IP'/>"),
  'other variables, lists': one("<ip srcipaddr='$SERVERS[@1]'/>"),
  'comments of rules': one("<ip srcipaddr='10.0.0.1' comment='why'/>"),
  'several filters in one document': [filter(rule('<ip/>')), filter(rule('<ip/>'), "chain='root'", 'g')],
};

const page = readFileSync(join(import.meta.dirname, '../../docs/forms.md'), 'utf8');
const rows = page.split('\n').map((line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim()),
);
const [head = []] = rows.filter(([first]) => first === 'construct');
const table = rows.filter(({ length }) => length === head.length).slice(2);
const cells = table.flatMap(([construct = '', ...said]) =>
  said.map((cell, index) => [construct, head[index + 1] as Form, cell] as const),
);

async function verdict(form: Form, documents: readonly string[]): Promise<string> {
  const filters = documents.map((document) => readFilter(document));
  try {
    const { document, leftOut } = await writePolicy(form, filters, context);
    if (leftOut.length > 0) return 'no';
    const back = (await readPolicy({ document }, context)).filters.map((each) => writeFilter(each));
    return back.join('') === filters.map((each) => writeFilter(each)).join('') ? 'yes' : back.join('');
  } catch (error) {
    if (!(error instanceof NwgateError) || error.code !== 'FORM_CANNOT_HOLD') throw error;
    return 'no';
  }
}

it('the table names every form and every sample', () => {
  expect([...head.slice(1)].sort()).toEqual([...FORMS].sort());
  expect(table.map(([construct]) => construct)).toEqual(Object.keys(SAMPLES));
});

it.each(cells)('%s in %s: %s', async (construct, form, cell) => {
  expect(await verdict(form, SAMPLES[construct]!)).toBe(cell);
});
