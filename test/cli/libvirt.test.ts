/**
 * A machine that libvirt itself starts and stops: its daemon in a namespace of the lab, with directories of its own over
 * those of the machine, containers for machines, and our hook installed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRunLibvirt, type Libvirtd, startLibvirtd } from '../support/libvirtd.js';
import { type Lab, lab } from '../support/netns.js';
import { build } from '../support/program.js';

const lacking = await canRunLibvirt('the LXC driver of libvirt', [
  '/usr/lib/libvirt/libvirt_lxc',
  '/usr/libexec/libvirt_lxc',
]);

const domain = (name: string, body: string, reference: string) => `<domain type='lxc'>
  <name>${name}</name>
  <metadata>
    <nwg:filterref xmlns:nwg='http://schemas.nwgate.org/nwfilter/1' mac='52:54:00:00:02:01' ${reference}
  </metadata>
  <memory unit='KiB'>65536</memory>
  <os><type>exe</type><init>/bin/sleep</init><initarg>1000</initarg></os>
  <devices>
    <interface type='bridge'>
      <mac address='52:54:00:00:02:01'/>
      <source bridge='br0'/>
      ${body}
    </interface>
    <console type='pty'/>
  </devices>
</domain>`;

const NAMED = "<target dev='box0'/><ip address='10.77.0.7' family='ipv4'/>";

describe.skipIf(lacking !== undefined)(`libvirt ${lacking ?? ''}`, () => {
  let world: Lab;
  let libvirt: Libvirtd;
  beforeAll(async () => {
    build();
    world = await lab({ ports: [] });
    libvirt = await startLibvirtd(world.host, 'lxc');
  }, 180_000);
  afterAll(async () => {
    await libvirt?.virsh('destroy box');
    await libvirt?.close();
    await world?.dispose();
  });

  const virsh = (command: string) => libvirt.virsh(command);
  const define = async (name: string, text: string) => {
    const file = join(libvirt.state, `${name}-domain.xml`);
    writeFileSync(file, text);
    expect(await virsh(`define ${file}`)).toMatchObject({ failure: undefined });
  };
  /** Whether the kernel leads the port's frames into our chains. */
  const filtered = async (port: string) =>
    (await world.host.exec('ebtables-save', [])).stdout.includes(` ${port} `);

  it('has the rules in place while its machine runs, also when it is paused', async () => {
    await define('box', domain('box', NAMED, "filter='clean-traffic'/>"));
    expect(await virsh('start box')).toMatchObject({ failure: undefined });
    expect(await filtered('box0')).toBe(true);
    for (const command of ['suspend box', 'resume box']) {
      expect(await virsh(command)).toMatchObject({ failure: undefined });
      expect(await filtered('box0')).toBe(true);
    }
    expect(await virsh('destroy box')).toMatchObject({ failure: undefined });
    expect(await filtered('box0')).toBe(false);
  });

  it('leaves all to us where libvirt has an empty filter of the same name', async () => {
    const file = join(libvirt.state, 'empty-filter.xml');
    writeFileSync(file, "<filter name='clean-traffic'/>");
    expect(await virsh(`nwfilter-define ${file}`)).toMatchObject({ failure: undefined });
    const native = `${NAMED}<filterref filter='clean-traffic'/>`;
    const ours = '<nwg:filterref[^>]*>';
    await define('native', domain('native', native, "filter='x'/>").replace(new RegExp(ours), ''));
    const before = (await world.host.exec('ebtables-save', [])).stdout;
    expect(await virsh('start native')).toMatchObject({ failure: undefined });
    const saved = (await world.host.exec('ebtables-save', [])).stdout;
    expect(saved).toContain(' box0 ');
    expect(saved).not.toContain('libvirt-');
    expect(before).not.toContain('box0');
    await virsh('destroy native');
    expect(await filtered('box0')).toBe(false);
  });

  it.each([
    ['a filter that is not there', NAMED, "filter='no-such-filter'/>", 'there is no filter no-such-filter'],
    [
      'a variable without value',
      NAMED,
      "filter='clean-traffic-gateway'/>",
      'variable GATEWAY_MAC has no value',
    ],
    ['a device that libvirt names too late', '', "filter='clean-traffic'/>", 'has no device yet'],
  ])('refuses the start for %s, and says why', async (_, body, reference, why) => {
    await define('refused', domain('refused', body, reference));
    const { failure, stderr } = await virsh('start refused');
    expect(failure).toBeDefined();
    expect(stderr).toContain(why);
    expect(await filtered('box0')).toBe(false);
    await virsh('undefine refused');
  });
});
