/** The README's tour is run as printed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/directory.js';
import { build, nwgate, ROOT } from '../support/program.js';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const commands = readme.split('\n').filter((line) => line.startsWith('npx nwgate '));

describe('README', () => {
  beforeAll(build);

  it('has a tour whose every command works, one after the other', async () => {
    const state = temporaryDirectory();
    expect(commands).toHaveLength(10);
    for (const command of commands) {
      const args = command.split(' ').slice(2);
      const { code, stdout } = await nwgate(args.map((arg) => (arg === '.tour' ? state : arg)));
      expect({ command, code, said: stdout !== '' }).toEqual({ command, code: 0, said: true });
    }
  });

  it('names only files that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, file]) => file!);
    const missing = links.filter((file) => !exists(join(ROOT, file)));
    expect(missing).toEqual([]);
  });
});

function exists(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}
