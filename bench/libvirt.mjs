/** libvirt's own daemon and its client, where Debian's packages are installed. It sees our namespace and directories of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { addressOf, lacks, macOf, must, ROOT } from './world.mjs';

export const lacksLibvirt = () => lacks('libvirtd', 'virsh');

const PATIENCE = 15_000;

/** Runs `work` with a daemon that has just started: `define` and `bind` take many at once, in one session of virsh. */
export async function withLibvirt(work) {
  const directory = mkdtempSync(join(tmpdir(), 'nwbench-'));
  const daemon = spawn('unshare', ['-m', 'sh', join(ROOT, 'test/lab/libvirtd.sh')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => daemon.once('close', resolve));
  const inside = ['-t', String(daemon.pid), '-m', 'virsh', '-q', '-c', 'nwfilter:///system'];
  const virsh = (...commands) => must('nsenter', [...inside, commands.join('; ')]);
  const files = (kind, texts) =>
    texts.map((text, index) => {
      const file = join(directory, `${kind}${index}.xml`);
      writeFileSync(file, text);
      return file;
    });
  try {
    for (let waited = 0; spawnSync('nsenter', [...inside, 'nwfilter-list']).status !== 0; waited += 100) {
      if (waited > PATIENCE || daemon.exitCode !== null) throw new Error('libvirtd does not answer');
      await pause(100);
    }
    return await work({
      /** Prepares documents; answers what defines them. */
      define(documents) {
        const commands = files('filter', documents).map((file) => `nwfilter-define ${file}`);
        return () => virsh(...commands);
      },
      /** As `define`, of a filter that is there: libvirt wants its uuid. */
      edit(name, document) {
        const uuid = /<uuid>.*<\/uuid>/.exec(virsh(`nwfilter-dumpxml ${name}`))[0];
        const [file] = files('edited', [document.replace(/(<filter [^>]*>)/, `$1${uuid}`)]);
        return () => virsh(`nwfilter-define ${file}`);
      },
      /** A filter on ports vnet0, vnet1, …, which must be there. */
      bind(filter, number) {
        const documents = Array.from({ length: number }, (_, index) => bindingOf(filter, index));
        const commands = files('binding', documents).map((file) => `nwfilter-binding-create ${file}`);
        return () => virsh(...commands);
      },
      unbind(number) {
        virsh(...Array.from({ length: number }, (_, index) => `nwfilter-binding-delete vnet${index}`));
      },
    });
  } finally {
    daemon.kill('SIGTERM');
    await Promise.race([ended, pause(5000).then(() => daemon.kill('SIGKILL'))]);
    rmSync(directory, { recursive: true });
  }
}

const bindingOf = (filter, index) => `<filterbinding>
  <owner><name>m${index}</name><uuid>6f1d2e5c-0a5b-4c4e-9a43-0d3b1f0f${(0x7a11 + index).toString(16)}</uuid></owner>
  <portdev name='vnet${index}'/><mac address='${macOf(index)}'/>
  <filterref filter='${filter}'><parameter name='IP' value='${addressOf(index)}'/></filterref>
</filterbinding>`;
