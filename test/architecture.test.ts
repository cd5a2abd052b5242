/** Keeps the layers apart: reads every import of src/ and fails on an edge that DESIGN.md does not draw. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../src');

/** Room → rooms it may import. Every room may import itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  protocols: ['model'],
  xml: ['model', 'protocols'],
  packet: ['model', 'protocols'],
  compiler: ['model', 'protocols', 'packet'],
  mapping: ['model', 'protocols', 'xml'],
  cim: ['model', 'protocols', 'xml', 'mapping'],
  wsman: ['model', 'xml'],
  app: ['model', 'protocols', 'xml', 'packet', 'compiler', 'mapping', 'cim'],
  process: ['model'],
  store: ['model', 'xml', 'app', 'process'],
  xslt: ['model', 'xml', 'mapping', 'process'],
  host: ['model', 'compiler', 'app', 'process'],
  learn: ['model', 'protocols', 'packet', 'app', 'process'],
  server: ['model', 'xml', 'cim', 'wsman', 'app'],
  cli: [
    'model',
    'xml',
    'packet',
    'compiler',
    'mapping',
    'cim',
    'wsman',
    'app',
    'process',
    'store',
    'xslt',
    'host',
    'learn',
    'server',
  ],
};

/** Rooms without I/O and clock, and the few things of Node they may use: pure computations. */
const PURE = ['model', 'protocols', 'xml', 'packet', 'compiler', 'mapping', 'cim', 'wsman', 'app'];
const PURE_NODE = ['node:crypto', 'node:buffer'];

/** Each library stands behind one file, or one room where the library is the room's business. */
const LIBRARIES: Readonly<Record<string, RegExp>> = {
  saxes: /^xml\/parse\.ts$/,
  libxmljs2: /^xml\/validate\.ts$/,
  'ipaddr.js': /^protocols\/addresses\.ts$/,
  'libxslt-wasm': /^xslt\/builtin-worker\.ts$/,
  soap: /^server\/soap-service\.ts$/,
  commander: /^cli\//,
  zod: /^app\//,
  pino: /^cli\/log\.ts$/,
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
}

function imports(): readonly Import[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((name) => {
    const file = name.split(sep).join('/');
    const found = readFileSync(join(SRC, name), 'utf8').matchAll(
      /^(?:import|export)\b[^;]*?from '([^'\n]+)'|^import '([^'\n]+)'|\bimport\('([^'\n]+)'\)/gm,
    );
    return [...found].map(([, named, bare, dynamic]) => ({
      file,
      room: file.split('/')[0]!,
      target: named ?? bare ?? dynamic ?? '',
    }));
  });
}

const all = imports();

function roomOf({ file, target }: Import): string {
  return relative(SRC, join(SRC, file, '..', target)).split(sep)[0]!;
}

describe('architecture', () => {
  it('sees the imports at all', () => {
    expect(all.length).toBeGreaterThan(20);
  });

  it('every room is known', () => {
    expect([...new Set(all.map(({ room }) => room))].filter((room) => !(room in ROOMS))).toEqual([]);
  });

  it('rooms import only what they may', () => {
    const wrong = all
      .filter((i) => i.target.startsWith('.'))
      .filter((i) => roomOf(i) !== i.room && !ROOMS[i.room]?.includes(roomOf(i)));
    expect(wrong).toEqual([]);
  });

  it('pure rooms use no I/O and no clock', () => {
    const io = all.filter(
      (i) => PURE.includes(i.room) && i.target.startsWith('node:') && !PURE_NODE.includes(i.target),
    );
    expect(io).toEqual([]);
    const files = new Set(all.filter((i) => PURE.includes(i.room)).map((i) => i.file));
    const clocks = [...files].filter((file) =>
      /Date\.now\(|new Date\(|performance\.now\(|setTimeout\(|process\./.test(
        readFileSync(join(SRC, file), 'utf8'),
      ),
    );
    expect(clocks).toEqual([]);
  });

  it('each library has one importer', () => {
    const wrong = all
      .filter((i) => !i.target.startsWith('.') && !i.target.startsWith('node:'))
      .filter((i) => !(LIBRARIES[i.target.split('/')[0]!]?.test(i.file) ?? false));
    expect(wrong).toEqual([]);
  });

  it('one room starts programs, and none through a shell', () => {
    const starts = all.filter(({ target }) => /^(node:)?child_process$/.test(target));
    expect(starts.length).toBeGreaterThan(0);
    expect(starts.filter(({ room }) => room !== 'process')).toEqual([]);
    const files = new Set(starts.map(({ file }) => file));
    const shells = /\b(exec|execSync|execFileSync|spawnSync)\(|\bshell\b\s*:/;
    expect([...files].filter((file) => shells.test(readFileSync(join(SRC, file), 'utf8')))).toEqual([]);
  });

  it('a gateway listens before zod is loaded, and a command that asks one needs none', () => {
    const reached = new Set(['cli/main.ts', 'cli/serve.ts']);
    const libraries = new Set<string>();
    // A set goes on to what is added while it is walked.
    for (const file of reached) {
      const found = readFileSync(join(SRC, file), 'utf8').matchAll(
        /^(?:import|export)(?! type\b)\b[^;]*?from '([^'\n]+)'/gm,
      );
      for (const [, target = ''] of found) {
        if (target.startsWith('.'))
          reached.add(relative(SRC, join(SRC, file, '..', target)).replace(/\.js$/, '.ts'));
        else libraries.add(target);
      }
    }
    expect(reached.size).toBeGreaterThan(200);
    expect(libraries).toContain('saxes');
    expect(libraries).not.toContain('zod');
  });

  it('files stay short enough to read in one sitting', () => {
    const names = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const long = names
      .map((name) => [name, readFileSync(join(SRC, name), 'utf8').split('\n').length] as const)
      .filter(([, lines]) => lines > 300);
    expect(long).toEqual([]);
  });
});
