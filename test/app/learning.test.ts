import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Lease, Listener, Wanted } from '../../src/app/ports.js';
import { renderPort } from '../../src/compiler/render.js';
import { fail } from '../../src/model/errors.js';
import { fileLeases } from '../../src/store/leases.js';
import { temporaryDirectory } from '../support/directory.js';
import { type FakeHost, fakeHost } from '../support/fake-host.js';
import { ADMIN, bound, doc, type Opened, openTestGateway } from '../support/gateway.js';

const MAC = '52:54:00:00:00:01';
const LEARNS = doc(
  'learns',
  "<rule action='accept' direction='out'><ip srcipaddr='$IP'/></rule><rule action='drop' direction='out'/>",
);
const LEARNS_BOTH = doc(
  'learns-both',
  `<filterref filter='learns'/><rule action='accept' direction='out'><ipv6 srcipaddr='$IPV6'/></rule>`,
);

/** A listener that hears what the test says. */
interface Ear extends Listener {
  wanted: readonly Wanted[];
  lacks: boolean;
  say(...leases: readonly Lease[]): Promise<void>;
}

function ear(): Ear {
  let tell: Parameters<Listener['attend']>[1];
  return {
    wanted: [],
    lacks: false,
    async demand() {
      if (this.lacks) throw fail('HOST_LACKS', 'tcpdump is not installed');
    },
    attend(wanted, teller) {
      this.wanted = wanted;
      tell = teller;
    },
    say: (...leases) => tell(leases[0]?.mac ?? MAC, leases),
  };
}

const lease = (address: string, more: Partial<Lease> = {}): Lease => ({
  mac: MAC,
  variable: 'IP',
  address,
  from: 'any',
  expires: undefined,
  ...more,
});
const guest = (filter: string, ...parameters: readonly string[]) => ({
  ...bound('vnet0', filter, ...parameters),
  mac: MAC,
});

let state: string;
let host: FakeHost;
let listener: Ear;
let world: Opened;
const open = async () => {
  world = await openTestGateway(state, { host, listener, leases: fileLeases(state, () => 1000) });
};
beforeEach(async () => {
  state = temporaryDirectory();
  host = fakeHost(['vnet0']);
  listener = ear();
  await open();
  for (const document of [LEARNS, LEARNS_BOTH]) await world.gateway.define(document, {}, ADMIN);
});

const status = () =>
  world.gateway.bindings().map((binding) => `${binding.state} ${binding.reason ?? ''}`.trim());
/** The Ethernet rules in the kernel, without names of chains. */
const inKernel = () => {
  const rules = host.rules.get('vnet0');
  return (rules ? renderPort(rules) : '')
    .split('\n')
    .filter((line) => line.startsWith('-A nwg-'))
    .map((line) => line.replace(/^-A \S+ /, ''));
};

describe('a filter whose only lack is the address', () => {
  it('waits for the first packet with rules that let the guest show it, then follows', async () => {
    await world.gateway.bind(guest('learns'), {}, ADMIN);
    expect(status()).toEqual([expect.stringMatching(/^pending waiting for the guest's address \(IP\)/)]);
    expect(inKernel()).toEqual([
      `-s ! ${MAC} -j DROP`,
      '-p 0x0806 -j ACCEPT',
      '-p 0x0800 -j ACCEPT',
      '-j DROP',
    ]);
    expect(listener.wanted).toEqual([
      { port: 'vnet0', mac: MAC, mode: 'any', variables: ['IP'], servers: [], leases: [] },
    ]);
    await listener.say(lease('10.0.0.5'));
    expect(status()).toEqual(['applied']);
    expect(inKernel().join('\n')).toContain('--ip-source 10.0.0.5');
    expect(listener.wanted).toEqual([]);
    expect(world.gateway.bindings()[0]?.parameters).toEqual([]);
  });

  it('lets through nothing but DHCP where only that is believed', async () => {
    const parameters = ['CTRL_IP_LEARNING=DHCP', 'DHCPSERVER=10.0.0.1', 'DHCPSERVER=10.0.0.2'];
    await world.gateway.bind(guest('learns', ...parameters), {}, ADMIN);
    const rules = inKernel();
    const answers = (to: string, from: string) =>
      `-d ${to} -p 0x0800 --ip-source ${from} --ip-protocol 17 --ip-source-port 67 --ip-destination-port 68 -j ACCEPT`;
    for (const rule of [
      `-s ${MAC} -p 0x0800 --ip-protocol 17 --ip-source-port 68 --ip-destination-port 67 -j ACCEPT`,
      ...[MAC, 'ff:ff:ff:ff:ff:ff'].flatMap((to) =>
        ['10.0.0.1', '10.0.0.2'].map((from) => answers(to, from)),
      ),
    ]) {
      expect(rules).toContain(rule);
    }
    expect(rules.filter((rule) => rule === '-j DROP')).toHaveLength(2);
    expect(rules).toHaveLength(7);
    expect(listener.wanted).toMatchObject([{ mode: 'dhcp', servers: ['10.0.0.1', '10.0.0.2'] }]);
  });

  it('lets DHCPv6 pass, and what finds a link-local address, where IPv6 is wanted', async () => {
    await world.gateway.define(
      doc(
        'learns-six',
        "<rule action='accept' direction='out'><ipv6 srcipaddr='$IPV6'/></rule><rule action='drop' direction='out'/>",
      ),
      {},
      ADMIN,
    );
    const servers = ['DHCPSERVER=10.0.0.1', 'DHCPSERVERV6=FE80::1', 'DHCPSERVERV6=fd00::1'];
    await world.gateway.bind(guest('learns-six', 'CTRL_IP_LEARNING=dhcp', ...servers), {}, ADMIN);
    expect(inKernel().filter((line) => line.includes('--ip6-protocol 17'))).toEqual([
      `-s ${MAC} -p 0x86dd --ip6-source fe80::/10 --ip6-destination ff02::1:2 --ip6-protocol 17 --ip6-source-port 546 --ip6-destination-port 547 -j ACCEPT`,
      ...['fe80::1', 'fd00::1'].map(
        (server) =>
          `-d ${MAC} -p 0x86dd --ip6-source ${server} --ip6-protocol 17 --ip6-source-port 547 --ip6-destination-port 546 -j ACCEPT`,
      ),
    ]);
    expect(inKernel().join('\n')).not.toContain('0x0800');
    expect(listener.wanted).toMatchObject([
      { mode: 'dhcp', variables: ['IPV6'], servers: ['10.0.0.1', 'fe80::1', 'fd00::1'] },
    ]);
    await listener.say(lease('fd00::5', { variable: 'IPV6', from: 'dhcp', expires: 5000 }));
    expect(status()).toEqual(['applied']);
    expect(world.gateway.bindings()[0]).toMatchObject({
      parameters: expect.not.arrayContaining([expect.objectContaining({ name: 'IPV6' })]),
      learned: [{ variable: 'IPV6', address: 'fd00::5', from: 'dhcp', expires: 5000 }],
    });
    expect(inKernel().join('\n')).toContain('--ip6-source fd00::5');
  });

  it('follows leases as they come and go, and waits again when none is left', async () => {
    await world.gateway.bind(guest('learns', 'CTRL_IP_LEARNING=dhcp'), {}, ADMIN);
    const [one, two] = ['10.0.0.5', '10.0.0.6'].map((address) =>
      lease(address, { from: 'dhcp', expires: 5000 }),
    );
    await listener.say(one!, two!);
    expect(inKernel().filter((rule) => /--ip-source 10\.0\.0\.[56]/.test(rule))).toHaveLength(2);
    expect(listener.wanted).toMatchObject([{ leases: [one, two] }]);
    await listener.say(two!);
    expect(inKernel().join('\n')).not.toContain('10.0.0.5');
    await listener.say();
    expect(status()).toEqual([expect.stringMatching(/^pending waiting/)]);
    expect(inKernel().join('\n')).toContain('--ip-source-port 68');
  });

  it('keeps the rules it has when the new ones are refused', async () => {
    await world.gateway.bind(guest('learns'), {}, ADMIN);
    const before = inKernel();
    host.refuses = () => true;
    await expect(listener.say(lease('10.0.0.5'))).rejects.toMatchObject({ code: 'NOT_APPLIED' });
    expect(inKernel()).toEqual(before);
    expect(status()[0]).toMatch(/^pending waiting/);
  });

  it('learns IPv6 from packets, and waits until every address it needs is there', async () => {
    await world.gateway.bind(guest('learns-both'), {}, ADMIN);
    expect(inKernel()).toContain('-p 0x86dd -j ACCEPT');
    await listener.say(lease('10.0.0.5'));
    expect(status()[0]).toMatch(/\(IPV6\)/);
    await listener.say(lease('10.0.0.5'), lease('fd00::5', { variable: 'IPV6' }));
    expect(status()).toEqual(['applied']);
    expect(inKernel().join('\n')).toContain('fd00::5');
  });
});

describe('leases', () => {
  it('survive a restart; those that have ended do not, nor does a damaged file stop it', async () => {
    await world.gateway.bind(guest('learns', 'CTRL_IP_LEARNING=dhcp'), {}, ADMIN);
    const ends = (address: string, expires: number) => lease(address, { from: 'dhcp', expires });
    await listener.say(ends('10.0.0.5', 1001), ends('10.0.0.6', 999));
    host = fakeHost(['vnet0']);
    await open();
    expect(status()).toEqual(['applied']);
    expect(inKernel().join('\n')).toContain('10.0.0.5');
    expect(inKernel().join('\n')).not.toContain('10.0.0.6');
    expect(listener.wanted).toMatchObject([{ leases: [ends('10.0.0.5', 1001)] }]);
    writeFileSync(join(state, 'leases.json'), '[{"mac"');
    await open();
    expect(status()[0]).toMatch(/^pending waiting/);
  });

  it('of packets end with the binding, those of DHCP do not: a machine that is resumed does not ask again', async () => {
    await world.gateway.bind(guest('learns'), {}, ADMIN);
    await listener.say(lease('10.0.0.5'));
    await world.gateway.unbind('vnet0', ADMIN);
    await world.gateway.bind(guest('learns'), {}, ADMIN);
    expect(status()[0]).toMatch(/^pending waiting/);
    await world.gateway.unbind('vnet0', ADMIN);

    await world.gateway.bind(guest('learns', 'CTRL_IP_LEARNING=dhcp'), {}, ADMIN);
    await listener.say(lease('10.0.0.6', { from: 'dhcp', expires: 5000 }));
    await world.gateway.unbind('vnet0', ADMIN);
    expect(listener.wanted).toEqual([]);
    await world.gateway.bind(guest('learns'), {}, ADMIN);
    expect(status()[0]).toMatch(/^pending waiting/);
    await world.gateway.bind(guest('learns', 'CTRL_IP_LEARNING=dhcp'), { replace: true }, ADMIN);
    expect(status()).toEqual(['applied']);
  });

  it('that could not be written are said, and hold nevertheless', async () => {
    const warnings: string[] = [];
    const log = { info: () => undefined, warn: (_: unknown, message: string) => void warnings.push(message) };
    const leases = { read: async () => [], write: () => Promise.reject(fail('DISK', 'no space left')) };
    const { gateway } = await openTestGateway(state, { host, listener, log, leases });
    await gateway.bind(guest('learns'), {}, ADMIN);
    await listener.say(lease('10.0.0.5'));
    expect(gateway.bindings()[0]?.state).toBe('applied');
    expect(warnings).toContain('addresses learned will be forgotten at the next start');
  });
});

describe('an address is not learned', () => {
  it.each([
    ['where that is forbidden', guest('learns', 'CTRL_IP_LEARNING=none'), 'VARIABLE_UNSET'],
    ['in a way that there is not', guest('learns', 'CTRL_IP_LEARNING=ask'), 'VALUE'],
    ['without MAC address', bound('vnet0', 'learns'), 'VARIABLE_UNSET'],
  ])('%s', async (_, binding, code) => {
    await expect(world.gateway.bind(binding, {}, ADMIN)).rejects.toMatchObject({ code });
    expect(host.rules.size).toBe(0);
  });

  it('where other variables lack as well', async () => {
    const more = doc(
      'more',
      "<filterref filter='learns'/><rule action='drop' direction='in'><tcp dstportstart='$PORT'/></rule>",
    );
    await world.gateway.define(more, {}, ADMIN);
    await expect(world.gateway.bind(guest('more'), {}, ADMIN)).rejects.toMatchObject({
      code: 'VARIABLE_UNSET',
    });
  });

  it('where nothing can be heard: the binding is refused, by what is missing', async () => {
    listener.lacks = true;
    await expect(world.gateway.bind(guest('learns'), {}, ADMIN)).rejects.toMatchObject({
      code: 'HOST_LACKS',
    });
    await world.gateway.bind(guest('learns', 'IP=10.0.0.5'), {}, ADMIN);
    expect(status()).toEqual(['applied']);
  });

  it('where nothing can be heard any more: a binding from before says why it waits', async () => {
    await world.gateway.bind(guest('learns'), {}, ADMIN);
    expect(status()).toEqual([expect.stringContaining('a running gateway learns it')]);
    listener.lacks = true;
    await open();
    expect(status()).toEqual([expect.stringMatching(/^pending waiting .*: tcpdump is not installed$/)]);
    expect(inKernel()).toContain('-j DROP');
  });
});
