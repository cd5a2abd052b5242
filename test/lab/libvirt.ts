/**
 * libvirt's own daemon in a lab's host namespace, with directories of its own over those of the machine, of which it sees
 * and changes nothing but a copy of the filters that came with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Outcome, run } from '../../src/process/run.js';
import type { Construct } from './construct.js';
import { GUEST } from './facts.js';
import type { Filtering } from './sides.js';
import { PORT, type World } from './world.js';

const DAEMON = '/usr/sbin/libvirtd';
const PATIENCE = 15_000;

const SCRIPT = join(import.meta.dirname, 'libvirtd.sh');

/** Version of the libvirt that can be run here; undefined when there is none. */
export async function libvirtVersion(): Promise<string | undefined> {
  const asked = await run(DAEMON, ['--version']).catch(() => undefined);
  return /\d+\.\d+\.\d+/.exec(asked?.stdout ?? '')?.[0];
}

export async function libvirt({ lab }: World): Promise<Filtering> {
  const directory = mkdtempSync(join(tmpdir(), 'nwgate-lab-'));
  const child = spawn('ip', ['netns', 'exec', lab.host.netns, 'unshare', '-m', 'sh', SCRIPT], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr?.on('data', (text) => {
    words += String(text);
  });
  const virsh = (commands: string): Promise<Outcome> =>
    run('nsenter', [
      '-t',
      String(child.pid),
      '-m',
      '-n',
      'virsh',
      '-q',
      '-c',
      'nwfilter:///system',
      commands,
    ]);
  const close = async () => {
    await stop(child);
    rmSync(directory, { recursive: true });
  };
  const write = (name: string, text: string) => {
    const file = join(directory, `${name}.xml`);
    writeFileSync(file, text);
    return file;
  };
  try {
    await awaitAnswer(
      child,
      () => virsh('nwfilter-list'),
      () => words,
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async put(subject) {
      const commands = [
        ...Object.entries(subject.documents).map(([name, text]) => `nwfilter-define ${write(name, text)}`),
        `nwfilter-binding-create ${write('binding', bindingOf(subject))}`,
      ];
      for (const command of commands) {
        const { failure, stderr } = await virsh(command);
        if (failure !== undefined)
          return (
            stderr
              .trim()
              .split('\n')
              .at(-1)
              ?.replace(/^error: /, '') ?? failure
          );
      }
      return undefined;
    },
    async remove({ documents, filter }) {
      await virsh(`nwfilter-binding-delete ${PORT}`);
      for (const name of [filter, ...Object.keys(documents)])
        if (documents[name] !== undefined) await virsh(`nwfilter-undefine ${name}`);
    },
    close,
  };
}

async function awaitAnswer(
  child: ChildProcess,
  ask: () => Promise<Outcome>,
  words: () => string,
): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += 200) {
    if (child.exitCode !== null) break;
    if ((await ask()).failure === undefined) return;
    await pause(200);
  }
  throw new Error(`libvirtd does not answer: ${words()}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await Promise.race([ended, pause(3000).then(() => child.kill('SIGKILL'))]);
}

function bindingOf({ filter, parameters }: Construct): string {
  const inside = parameters.map(({ name, value }) => `<parameter name='${name}' value='${value}'/>`).join('');
  return `<filterbinding>
  <owner><name>lab</name><uuid>6f1d2e5c-0a5b-4c4e-9a43-0d3b1f0f7a11</uuid></owner>
  <portdev name='${PORT}'/>
  <mac address='${GUEST.mac}'/>
  <filterref filter='${filter}'>${inside}</filterref>
</filterbinding>`;
}
