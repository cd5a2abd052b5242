/** Messages to subscribers as literal text: test/data/events/<case>.xml. UPDATE_GOLDENS=1 writes them anew. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostAlert, lifecycleIndication, stamped } from '../../src/cim/indications.js';
import type { Instance } from '../../src/cim/instance.js';
import { instanceText } from '../../src/server/instance-text.js';
import {
  type Notice,
  type Outgoing,
  writeEnd,
  writeEvent,
  writeEvents,
  writeHeartbeat,
} from '../../src/wsman/event-messages.js';
import { NS } from '../../src/wsman/namespaces.js';
import { el } from '../../src/xml/element.js';
import { library } from './fake-objects.js';
import { invalidIn, validSoap } from './messages.js';
import { list } from './subscribing.js';

const DATA = join(import.meta.dirname, '../data/events');

const to: Outgoing = {
  to: { address: 'http://sink.example/events', parameters: [el('urn:x', 'Id', {}, '7')] },
  addressing: NS.wsa,
  messageId: 'uuid:00000000-0000-0000-0000-000000000001',
  acknowledged: false,
};
const acknowledged = { ...to, acknowledged: true };
const to2005: Outgoing = { ...acknowledged, addressing: NS.wsa10 };
const manager = {
  address: 'http://127.0.0.1:5985/wsman',
  identifier: 'uuid:00000000-0000-0000-0000-000000000002',
};

const event = (indication: Instance, addressing: Outgoing['addressing'] = NS.wsa): Notice => ({
  kind: 'event',
  text: instanceText(
    stamped(indication, '2026-01-02T03:04:05.678Z', 'uuid:00000000-0000-0000-0000-000000000003'),
    {
      addressing,
      nil: false,
    },
  ),
});

const [, , , entry, , member] = library() as readonly Instance[];
const created = lifecycleIndication({ before: undefined, after: entry! }, 'host1');
const changed = lifecycleIndication(
  { before: list('web', { Priority: 1 }), after: list('web', { Priority: 2 }) },
  'host1',
);
const deleted = lifecycleIndication({ before: member!, after: undefined }, 'host1');
const dropped: Notice = { kind: 'dropped', count: 12 };

const MESSAGES: Readonly<Record<string, string>> = {
  creation: writeEvent(event(created), to),
  'modification-with-ack': writeEvent(event(changed), acknowledged),
  'deletion-of-association': writeEvent(event(deleted), to),
  'addressing-2005': writeEvent(event(deleted, NS.wsa10), to2005),
  alert: writeEvent(event(hostAlert(['iptables nwg-x: a rule is missing'], undefined, 'host1')), to),
  'alert-not-repaired': writeEvent(event(hostAlert([], 'iptables-restore failed', 'host1')), to),
  dropped: writeEvent(dropped, to),
  batch: writeEvents([event(changed), dropped], acknowledged),
  heartbeat: writeHeartbeat(acknowledged),
  'heartbeat-in-batch': writeEvents([], acknowledged),
  end: writeEnd(manager, 'SourceShuttingDown', to),
  'end-2005': writeEnd({ ...manager, address: '' }, 'DeliveryFailure', to2005),
};

describe('messages to subscribers', () => {
  it.each(Object.entries(MESSAGES))('%s', (name, text) => {
    const file = join(DATA, `${name}.xml`);
    const lines = `${text.replaceAll('><', '>\n<')}\n`;
    if (process.env.UPDATE_GOLDENS) {
      mkdirSync(DATA, { recursive: true });
      writeFileSync(file, lines);
    }
    expect(lines).toBe(readFileSync(file, 'utf8'));
    expect(validSoap(text)).toBe('answer');
    expect(invalidIn(text)).toEqual([]);
  });
});
