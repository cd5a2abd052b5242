/** What docs/dependencies.md says of the packages is so: how many there are, that each has a reason, and that none runs anything. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/program.js';

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> };
const { '': _, ...packages } = lock.packages;
const all = Object.entries(packages);
const production = all.filter(([, { dev, devOptional }]) => !dev && !devOptional);
const page = read('docs/dependencies.md');

describe('dependencies', () => {
  it('have exact versions, and the lock file has those', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
      expect([name, packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
    }
  });

  it('are locked to their content', () => {
    expect(all.filter(([, { integrity }]) => integrity === undefined).map(([name]) => name)).toEqual([]);
  });

  it('are as many as the page says', () => {
    expect(page).toContain(`${production.length} packages when it runs, ${all.length} with the tests'.`);
  });

  it('of the product have a row each, and no other has one', () => {
    const rows = [...page.matchAll(/^\| ([^ |]+) \| `/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(Object.keys(manifest.dependencies).sort());
    for (const name of Object.keys(manifest.devDependencies)) expect(page).toContain(name);
  });

  it('run nothing when they are installed', () => {
    const scripts = all.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    const names = scripts.map((path) => path.replace(/^.*node_modules\//, ''));
    for (const name of names) expect([name, manifest.allowScripts[name]]).toEqual([name, false]);
    expect(production.filter(([path]) => scripts.includes(path)).map(([path]) => path)).toEqual([
      'node_modules/libxmljs2',
    ]);
    expect(read('scripts/setup.mjs')).toContain('--ignore-scripts');
  });
});
