import { describe, expect, it } from 'vitest';
import type { Difference } from '../../src/app/difference.js';
import { formatDifference } from '../../src/app/difference.js';
import type { HostDiffers } from '../../src/app/reconcile.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, bound, doc, openTestGateway, rule } from '../support/gateway.js';

const GONE: Difference = {
  kind: 'chain-missing',
  tool: 'iptables',
  chain: 'nwgate-from',
  ports: [],
  expected: undefined,
  found: undefined,
  source: undefined,
};
const READER = { ...ADMIN, role: 'reader' } as const;

async function watched() {
  const { gateway, host } = await openTestGateway(temporaryDirectory());
  await gateway.define(doc('f', rule(25)), {}, ADMIN);
  await gateway.bind(bound('vnet0', 'f'), {}, ADMIN);
  const events: HostDiffers[] = [];
  gateway.onHostDiffers((event) => void events.push(event));
  const watch = await gateway.watch();
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { gateway, host, events, watch, settle };
}

describe('verify', () => {
  it('tells without touching, and repairs for an operator', async () => {
    const { gateway, host } = await watched();
    host.differences = [GONE];
    const changes = host.changes;
    expect(await gateway.verify(false, READER)).toEqual({
      differences: [GONE],
      by: 'rules',
      repaired: false,
    });
    expect(host.changes).toBe(changes);
    await expect(gateway.verify(true, READER)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(await gateway.verify(true, ADMIN)).toEqual({ differences: [GONE], by: 'rules', repaired: true });
    expect(await gateway.verify(true, ADMIN)).toEqual({ differences: [], by: 'rules', repaired: false });
  });

  it('does not call repaired what differs still', async () => {
    const { gateway, host } = await watched();
    host.compare = async () => ({ differences: [GONE], by: 'counts' });
    await expect(gateway.verify(true, ADMIN)).rejects.toMatchObject({
      code: 'DIFFERS',
      exit: 6,
      details: formatDifference(GONE),
    });
  });
});

describe('a watched host', () => {
  it('is put right once, and whoever listens is told', async () => {
    const { host, events, settle } = await watched();
    const [changes, rules] = [host.changes, host.rules];
    host.differences = [GONE];
    host.rules = new Map();
    for (const events of host.watchers) for (let call = 0; call < 5; call += 1) events.rules();
    await settle();
    expect(host.rules).toEqual(rules);
    expect(host.changes).toBe(changes + 1);
    expect(events).toEqual([{ differences: [GONE], failure: undefined }]);
  });

  it('is left alone when nothing differs', async () => {
    const { host, events, settle } = await watched();
    const changes = host.changes;
    host.watchers[0]?.rules();
    await settle();
    expect([host.changes, events]).toEqual([changes, []]);
  });

  it('has failed ports while it cannot be put right; that is said once, and tried again each time', async () => {
    const { gateway, host, events, settle } = await watched();
    host.differences = [GONE];
    host.refuses = () => true;
    for (let call = 0; call < 2; call += 1) {
      host.watchers[0]?.rules();
      await settle();
    }
    expect(events).toEqual([{ differences: [GONE], failure: 'the tool refused' }]);
    expect(gateway.bindings()).toMatchObject([{ state: 'failed', reason: 'the tool refused' }]);
    host.refuses = () => false;
    host.watchers[0]?.rules();
    await settle();
    expect(events.at(-1)).toEqual({ differences: [GONE], failure: undefined });
    expect(gateway.bindings()).toMatchObject([{ state: 'applied' }]);
  });

  it('has ports that come and go', async () => {
    const { gateway, host, watch, settle } = await watched();
    const look = async () => {
      host.watchers[0]?.interfaces();
      await settle();
      return gateway.bindings()[0]?.state;
    };
    expect(await look()).toBe('applied');
    host.present = [];
    expect(await look()).toBe('pending');
    host.present = ['vnet0'];
    expect(await look()).toBe('applied');
    await watch.close();
    expect(host.watchers).toEqual([]);
  });
});
