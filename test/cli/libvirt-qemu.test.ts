/** A virtual machine that libvirt starts, pauses, saves, restores and ends: qemu itself, without acceleration, up to its BIOS. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRunLibvirt, type Libvirtd, startLibvirtd } from '../support/libvirtd.js';
import { type Lab, lab } from '../support/netns.js';
import { build, nwgate } from '../support/program.js';

const QEMU = '/usr/bin/qemu-system-x86_64';
const lacking = await canRunLibvirt('qemu-system-x86', [QEMU]);

const domain = (name: string, reference: string) => `<domain type='qemu'>
  <name>${name}</name>
  <metadata>${reference}</metadata>
  <memory unit='KiB'>32768</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <emulator>${QEMU}</emulator>
    <interface type='bridge'>
      <mac address='52:54:00:00:02:01'/>
      <source bridge='br0'/>
      <model type='e1000'/>
    </interface>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
  </devices>
</domain>`;

const asksFor = (filter: string) =>
  `<nwg:filterref xmlns:nwg='http://schemas.nwgate.org/nwfilter/1' mac='52:54:00:00:02:01' filter='${filter}'>
     <nwg:parameter name='IP' value='10.77.0.7'/>
   </nwg:filterref>`;

describe.skipIf(lacking !== undefined)(`qemu ${lacking ?? ''}`, () => {
  let world: Lab;
  let libvirt: Libvirtd;
  beforeAll(async () => {
    build();
    world = await lab({ ports: [] });
    libvirt = await startLibvirtd(world.host, 'qemu');
  }, 180_000);
  afterAll(async () => {
    for (const name of ['asking', 'claimed', 'refused']) await libvirt?.virsh(`destroy ${name}`);
    await libvirt?.close();
    await world?.dispose();
  });

  const virsh = async (command: string) =>
    expect(await libvirt.virsh(command), command).toMatchObject({ failure: undefined });
  const define = async (name: string, reference: string) => {
    const file = join(libvirt.state, `${name}-domain.xml`);
    writeFileSync(file, domain(name, reference));
    await virsh(`define ${file}`);
  };
  /** Whether the kernel leads frames of the machine's tap into our chains. */
  const filtered = async () => / vnet\d+ /.test((await world.host.exec('ebtables-save', [])).stdout);

  it('has its rules while it runs or is paused, none while it is saved, and has them again when it returns', async () => {
    await define('asking', asksFor('clean-traffic'));
    const image = join(libvirt.state, 'image');
    const steps: [string, boolean][] = [
      ['start --paused asking', true],
      ['resume asking', true],
      ['suspend asking', true],
      ['resume asking', true],
      ['managedsave asking', false],
      ['start asking', true],
      [`save asking ${image}`, false],
      [`restore ${image}`, true],
      ['destroy asking', false],
    ];
    for (const [command, rules] of steps) {
      await virsh(command);
      expect(await filtered(), command).toBe(rules);
    }
  }, 120_000);

  it('is not started without its filter, and says why', async () => {
    await define('refused', asksFor('no-such-filter'));
    const { failure, stderr } = await libvirt.virsh('start refused');
    expect(failure).toBeDefined();
    expect(stderr).toContain('there is no filter no-such-filter');
    expect(await filtered()).toBe(false);
  }, 60_000);

  it('is filtered by a claim on its name although its domain asks for nothing', async () => {
    await define('claimed', '');
    const act = (...args: readonly string[]) =>
      nwgate(['--state', libvirt.state, '--netns', world.host.netns, ...args]);
    const bound = await act('bind', 'vm:claimed', '--filter', 'clean-traffic', '--param', 'IP=10.77.0.8');
    expect(bound).toMatchObject({ code: 0, stdout: expect.stringContaining('pending') });
    await virsh('start --paused claimed');
    expect(await filtered()).toBe(true);
    await virsh('destroy claimed');
    expect(await filtered()).toBe(false);
    expect(await act('unbind', 'vm:claimed')).toMatchObject({ code: 0 });
  }, 60_000);
});
