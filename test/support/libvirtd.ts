/** libvirt's daemon in a lab's namespace, with directories of its own over those of the machine, and our hook installed. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Outcome, run } from '../../src/process/run.js';
import { canFilter, type Station } from './netns.js';
import { DIST } from './program.js';

const DAEMON = '/usr/sbin/libvirtd';
const NWGATE = `${process.execPath} ${DIST}/cli/main.js`;

/** No cgroups and no other user: a container has not what they need. */
const QEMU = `user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
remember_owner = 0
stdio_handler = "file"
`;

/** libvirt_lxc cannot make the second half of a hybrid cgroup tree in a container. */
const start = (state: string, driver: string) => `set -e
mount --make-rprivate /
umount /sys/fs/cgroup/unified 2>/dev/null || true
for place in /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt /run; do
  mkdir -p "$place"
  mount -t tmpfs none "$place"
done
mkdir -p /run/libvirt
printf '%s' '${QEMU}' > /etc/libvirt/qemu.conf
${NWGATE} --state ${state} hook-install --driver ${driver}
exec ${DAEMON}`;

export interface Libvirtd {
  /** A directory for the test, and nwgate's state. */
  readonly state: string;
  virsh(command: string): Promise<Outcome>;
  /** Ends the daemon; its machines must have ended. */
  close(): Promise<void>;
}

/** Why there can be no such daemon here, for `skipIf`; `needs`: one of these programs. */
export async function canRunLibvirt(what: string, needs: readonly string[]): Promise<string | undefined> {
  const reason = await canFilter();
  if (reason !== undefined) return reason;
  if (!existsSync(DAEMON)) return 'libvirtd is not installed';
  return needs.some(existsSync) ? undefined : `${what} is not installed`;
}

/** Resolves when it answers. The product must be built. */
export async function startLibvirtd({ netns }: Station, driver: 'lxc' | 'qemu'): Promise<Libvirtd> {
  const state = mkdtempSync(join(tmpdir(), 'nwgate-test-'));
  const inside = [`--net=${join('/run/netns', netns)}`, 'unshare', '-m', 'sh', '-c', start(state, driver)];
  const daemon = spawn('nsenter', inside, { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  daemon.stderr.on('data', (text) => {
    words += String(text);
  });
  const virsh = (command: string) =>
    run('nsenter', [
      '-t',
      String(daemon.pid),
      '-m',
      '-n',
      'virsh',
      '-q',
      '-c',
      `${driver}:///system`,
      command,
    ]);
  const close = async () => {
    if (daemon.exitCode === null) {
      const ended = new Promise((resolve) => daemon.once('close', resolve));
      daemon.kill('SIGTERM');
      await ended;
    }
    rmSync(state, { recursive: true, force: true });
  };
  for (let tries = 0; (await virsh('list')).failure !== undefined; tries += 1) {
    if (tries === 100 || daemon.exitCode !== null) {
      await close();
      throw new Error(`libvirtd does not answer: ${words}`);
    }
    await pause(200);
  }
  return { state, virsh, close };
}
