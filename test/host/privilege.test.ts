/** What packaging/nwgate.service gives the gateway is enough: an ordinary user with two capabilities and nothing else. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { build, DIST, ROOT } from '../support/program.js';

beforeAll(build);

const UNIT = join(ROOT, 'packaging/nwgate.service');
const unit = readFileSync(UNIT, 'utf8');
const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];
const NOBODY = 65534;

const canTry =
  process.getuid?.() === 0 &&
  ['/usr/bin/setpriv', '/usr/sbin/iptables', '/usr/sbin/ebtables'].every((path) => existsSync(path)) &&
  spawnSync('ip', ['netns', 'list']).status === 0 &&
  // The checkout must be readable by an ordinary user.
  spawnSync('setpriv', [`--reuid=${NOBODY}`, '--clear-groups', 'test', '-r', join(ROOT, 'package.json')])
    .status === 0;

describe('the unit', () => {
  it.skipIf(!existsSync('/usr/bin/systemd-analyze'))(
    'is one systemd reads without complaint (needs systemd-analyze)',
    () => {
      const copy = join(temporaryDirectory(), 'nwgate.service');
      writeFileSync(copy, unit.replace('/usr/bin/nwgate', '/bin/true'));
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', copy], { encoding: 'utf8' });
      expect([status, stdout, stderr]).toEqual([0, '', '']);
    },
  );

  it.skipIf(!existsSync('/usr/bin/systemd-analyze'))(
    'is confined: systemd finds an exposure of 2.5 at most (needs systemd-analyze)',
    () => {
      const args = ['security', '--offline=yes', '--threshold=25', '--no-pager', UNIT];
      const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
      expect([status, stdout]).toEqual([0, expect.stringContaining('Overall exposure level')]);
    },
  );

  it.skipIf(!canTry)(
    'gives capabilities that are enough for the kernel, without which nothing is done (needs root and the tools)',
    () => {
      const state = temporaryDirectory();
      chownSync(state, NOBODY, NOBODY);
      chmodSync(state, 0o700);
      const netns = `nwg-priv-${process.pid}`;
      execFileSync('ip', ['netns', 'add', netns]);
      onTestFinished(() => {
        execFileSync('ip', ['netns', 'delete', netns]);
      });
      const bind = (caps: readonly string[], ...args: string[]) => {
        const list = ['-all', ...caps.map((cap) => `+${cap.replace('CAP_', '').toLowerCase()}`)].join(',');
        const as = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs'];
        const may = [`--inh-caps=${list}`, `--ambient-caps=${list}`, `--bounding-set=${list}`];
        const program = [
          process.execPath,
          join(DIST, 'cli/main.js'),
          '--state',
          state,
          '--host',
          'kernel',
          ...args,
        ];
        return spawnSync('ip', ['netns', 'exec', netns, 'setpriv', ...as, ...may, ...program], {
          encoding: 'utf8',
          cwd: '/',
        });
      };
      const all = (setting('AmbientCapabilities') ?? '').split(' ');
      expect(all).toEqual(['CAP_NET_ADMIN', 'CAP_NET_RAW']);
      expect(setting('CapabilityBoundingSet')).toBe(setting('AmbientCapabilities'));
      const args = [
        'bind',
        'vnet0',
        '--filter',
        'clean-traffic',
        '--mac',
        '52:54:00:00:00:01',
        '--param',
        'IP=10.0.0.5',
      ];
      expect(bind([], ...args).status).not.toBe(0);
      const done = bind(all, ...args);
      expect([done.status, done.stderr]).toEqual([0, '']);
      const rules = execFileSync('ip', ['netns', 'exec', netns, 'ebtables', '-t', 'nat', '-L'], {
        encoding: 'utf8',
      });
      expect(rules).toContain('vnet0');
      const verified = bind(all, 'verify');
      expect([verified.status, verified.stderr]).toEqual([0, '']);
    },
  );
});
