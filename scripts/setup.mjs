/**
 * Makes a fresh clone ready: what `npm start` and `npm test` run first. Needs nothing but Node and npm, changes nothing
 * that is already right, and says what it does on standard error.
 *
 *   node scripts/setup.mjs [--tests]
 *
 * `--tests` also installs the Debian packages that the tests drive, when it may (root, apt-get).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNative, nativeIsBuilt } from './build-native.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const forTests = process.argv.includes('--tests');

/** Command that must be found → Debian package that brings it. */
const BUILD_TOOLS = { 'g++': 'g++', make: 'make', python3: 'python3' };
const HOST_TOOLS = {
  'ebtables-restore': 'ebtables',
  'iptables-restore': 'iptables',
  ip: 'iproute2',
  conntrack: 'conntrack',
  ipset: 'ipset',
  tcpdump: 'tcpdump',
  // What another program does to the rules, in tests.
  nft: 'nftables',
  xsltproc: 'xsltproc',
  flock: 'util-linux',
};

const say = (text) => process.stderr.write(`setup: ${text}\n`);

function stop(text) {
  say(text);
  process.exit(1);
}

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
  });
  return error === undefined && status === 0;
}

/** /usr/sbin is not on every user's PATH. */
const onPath = (command) =>
  [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].some(
    (dir) => dir !== '' && existsSync(join(dir, command)),
  );

const missingPackages = (tools) =>
  Object.entries(tools)
    .filter(([command]) => !onPath(command))
    .map(([, name]) => name);

/** Installs Debian packages where that is possible; answers whether they are there now. */
function installPackages(packages) {
  if (packages.length === 0) return true;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return false;
  say(`installing ${packages.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  return run('apt-get', ['update', '-qq'], env) && run('apt-get', install, env);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    stop(`Node ${process.versions.node} is too old: 20.19 or newer is needed`);
}

/** npm packages exactly as the lock file names them, reinstalled when that changed. */
function installModules() {
  const stamp = join(root, 'node_modules', '.nwgate-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing npm packages');
  if (!run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])) stop('npm ci failed');
  writeFileSync(stamp, wanted);
}

function buildXmlLibrary() {
  if (nativeIsBuilt()) return;
  const packages = missingPackages(BUILD_TOOLS);
  if (!installPackages(packages))
    stop(`a C++ compiler is needed once: apt-get install ${packages.join(' ')}`);
  say('compiling the XML library (once, about a minute)');
  const problem = buildNative();
  if (problem !== undefined) stop(problem);
}

function compile() {
  say('building');
  mkdirSync(join(root, '.setup'), { recursive: true });
  const args = [
    '-p',
    'tsconfig.build.json',
    '--incremental',
    '--tsBuildInfoFile',
    '.setup/build.tsbuildinfo',
  ];
  if (!existsSync(join(root, 'dist'))) rmSync(join(root, '.setup/build.tsbuildinfo'), { force: true });
  if (!run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args]))
    stop('the build failed');
}

/** `npx nwgate` in the clone runs what was just built. */
function link() {
  const target = join(root, 'node_modules/.bin/nwgate');
  rmSync(target, { force: true });
  symlinkSync('../../dist/cli/main.js', target);
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
}

checkNode();
installModules();
buildXmlLibrary();
compile();
link();
if (forTests) {
  const packages = missingPackages(HOST_TOOLS);
  if (!installPackages(packages))
    say(`not here: ${packages.join(' ')} — tests that need them will be reported as skipped`);
}
