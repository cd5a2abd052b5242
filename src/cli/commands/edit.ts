/** `edit`: a filter in the person's own editor. Nothing changes unless the result is good and nobody else was faster. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { NwgateError } from '../../model/errors.js';
import { interact } from '../../process/interact.js';
import { type Context, contextOf } from '../context.js';
import { asNwgateError } from '../report.js';

export function editCommand(program: Command): void {
  program
    .command('edit')
    .alias('nwfilter-edit')
    .argument('<name>')
    .description('edit a filter in $VISUAL or $EDITOR')
    .action((name: string, _options, command: Command) => edit(contextOf(command), name));
}

async function edit(context: Context, name: string): Promise<void> {
  const { document, revision } = await context.call('dumpxml', { name });
  const directory = await mkdtemp(join(tmpdir(), 'nwgate-edit-'));
  const file = join(directory, `${name}.xml`);
  await writeFile(file, document, { mode: 0o600 });
  try {
    await interact(process.env.VISUAL || process.env.EDITOR || 'vi', file);
    const edited = await readFile(file, 'utf8');
    const changed = edited !== document;
    const result = changed
      ? await context.call('define', { document: edited, source: file, edited: { name, revision } })
      : { name, changed };
    await rm(directory, { recursive: true });
    context.done(result, `Filter ${name} ${changed ? 'edited' : 'not changed'}`);
  } catch (error) {
    const edited = await readFile(file, 'utf8').catch(() => document);
    if (edited === document) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
    const { faults, details } = asNwgateError(error);
    const [first, ...rest] = faults;
    const kept = `Your text is kept in ${file}`;
    throw new NwgateError([first!, ...rest], {
      details: details === undefined ? kept : `${details}\n${kept}`,
      cause: error,
    });
  }
}
