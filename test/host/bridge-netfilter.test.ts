/** The states of the switches that a test cannot bring about on a real kernel. */
import { describe, expect, it } from 'vitest';
import { demandBridgeNetfilter, readSwitches } from '../../src/host/bridge-netfilter.js';
import type { Tools } from '../../src/host/tools.js';
import type { Run } from '../../src/process/run.js';
import { rules } from '../support/rules.js';

const lines = (iptables: number, ip6tables: number) =>
  `/proc/sys/net/bridge/bridge-nf-call-iptables:${iptables}\n/proc/sys/net/bridge/bridge-nf-call-ip6tables:${ip6tables}\n`;

/** A kernel that answers each look in turn; keeps what it was fed. */
function kernel(...looks: readonly string[]): Tools & { fed: string[] } {
  const left = [...looks];
  const fed: string[] = [];
  const run: Run = async (command, _args, options) => {
    if (command !== 'grep') fed.push(options?.input ?? '');
    return {
      code: 0,
      stdout: command === 'grep' ? (left.shift() ?? '') : '',
      stderr: '',
      failure: undefined,
    };
  };
  const of = { restore: 'restore', save: 'save', variant: 'nf_tables' as const };
  return { commands: { ebtables: of, iptables: of, ip6tables: of }, netns: 'ns', run, fed };
}

const four = rules('vnet0', ['drop', 'out', 'tcp']);
const six = rules('vnet0', ['drop', 'out', 'tcp-ipv6']);

describe('readSwitches', () => {
  it.each([
    [lines(1, 0), 'on', 'off'],
    ['', 'absent', 'absent'],
  ])('reads %j', async (look, iptables, ip6tables) => {
    expect(await readSwitches(kernel(look).run, 'ns')).toEqual({ iptables, ip6tables });
  });
});

describe('demandBridgeNetfilter', () => {
  it('asks only for the family that has rules', async () => {
    await demandBridgeNetfilter(kernel(lines(1, 0)), [four, undefined]);
    await expect(demandBridgeNetfilter(kernel(lines(1, 0)), [four, six])).rejects.toMatchObject({
      code: 'HOST_LACKS',
      message: expect.stringContaining(
        'run: ip netns exec ns sysctl -w net.bridge.bridge-nf-call-ip6tables=1',
      ),
    });
  });

  it('looks at nothing where no port has IP rules', async () => {
    const tools = { ...kernel(), run: () => Promise.reject(new Error('started')) };
    await demandBridgeNetfilter(tools, [rules('vnet0', ['drop', 'out', 'arp']), undefined]);
  });

  it('has the kernel load br_netfilter where it is absent, and leaves nothing of the attempt', async () => {
    const woken = kernel('', lines(1, 1));
    await demandBridgeNetfilter(woken, [four]);
    expect(woken.fed).toHaveLength(1);
    expect(woken.fed[0]).toMatch(/-m physdev [\s\S]*-X nwgate-wake\nCOMMIT\n$/);
  });

  it('refuses where that does not help', async () => {
    await expect(demandBridgeNetfilter(kernel(), [six])).rejects.toMatchObject({
      code: 'HOST_LACKS',
      message: expect.stringContaining('run: modprobe br_netfilter'),
    });
  });
});
