/**
 * Compiles libxmljs2 against the headers that came with this Node, so that nothing is fetched: its own install script
 * would look for a prebuilt binary and for headers on the network.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** True when the binding loads in this Node. A child tries, so that a broken binary cannot take us down. */
export function nativeIsBuilt() {
  const { status } = spawnSync(process.execPath, ['-e', "require('libxmljs2')"], {
    cwd: root,
    stdio: 'ignore',
  });
  return status === 0;
}

/** Builds the binding; answers undefined when done, else what is in the way. */
export function buildNative() {
  const prefix = [process.env.npm_config_nodedir, dirname(dirname(process.execPath))].find(
    (dir) => dir && existsSync(join(dir, 'include/node/node_api.h')),
  );
  if (!prefix)
    return "Node's headers (include/node) are not beside this Node: install the nodejs package that brings them";
  const { status } = spawnSync(
    process.execPath,
    [
      require.resolve('node-gyp/bin/node-gyp.js'),
      'rebuild',
      '--jobs=max',
      `--nodedir=${prefix}`,
      '--loglevel=error',
    ],
    {
      cwd: dirname(require.resolve('libxmljs2/package.json')),
      stdio: ['ignore', 'ignore', 2],
      env: { ...process.env, CXXFLAGS: '-w', CFLAGS: '-w' },
    },
  );
  return status === 0 && nativeIsBuilt() ? undefined : 'compiling libxmljs2 failed';
}
