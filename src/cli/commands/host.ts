/** `verify` and `doctor`: is the kernel as it should be, and what can this host do. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { extensionsOf } from '../../app/extensions.js';
import type { ResultOf } from '../../app/operations.js';
import { doctor, type Finding } from '../../host/doctor.js';
import { EXIT, fail } from '../../model/errors.js';
import { run } from '../../process/run.js';
import { filterCodec } from '../../store/codecs.js';
import { fileCollection } from '../../store/collection.js';
import { type Context, contextOf } from '../context.js';
import { table } from '../table.js';

type Verified = ResultOf<'verify'>;

export function hostCommands(program: Command): void {
  program
    .command('verify')
    .option('--repair', 'put right what differs')
    .description('compare the kernel with what should be there')
    .action(async ({ repair = false }: { repair?: boolean }, command: Command) => {
      const context = contextOf(command);
      const verified = await context.call('verify', { repair });
      context.show(verified, verdict);
      const count = verified.differences.length;
      if (count > 0 && !verified.repaired)
        throw fail(
          'DIFFERS',
          count === 1 ? 'the host differs in one point' : `the host differs in ${count} points`,
        );
    });

  program
    .command('doctor')
    .description('what this host can and cannot do, and what to do about it')
    .action(async (_options, command: Command) => {
      const context = contextOf(command);
      const findings = await examine(context);
      context.show(
        findings.map(({ mend, ...finding }) => ({ ...finding, mend: mend ?? null })),
        () => listing(findings),
      );
      // What is lacking has been said.
      if (findings.some(({ state }) => state === 'lacks')) process.exitCode = EXIT.host;
    });
}

function verdict({ differences, by, repaired }: Verified): string {
  const how = by === 'rules' ? '' : ' (by names and numbers only: there are no network namespaces here)';
  if (differences.length === 0) return `The host is as it should be${how}\n`;
  const lines = differences.map(({ text }) => `${text}\n`).join('');
  return repaired ? `${lines}Repaired${how}\n` : lines;
}

/** Reads the filters itself, as far as they can be read: it works beside a running gateway and without any. */
async function examine({ state, options }: Context): Promise<readonly Finding[]> {
  const stored = await fileCollection(join(state, 'filters'), filterCodec)
    .list()
    .catch(() => ({ found: new Map() }));
  const filters = [...stored.found.values()].map(({ value }) => value);
  return doctor({ run, netns: options.netns, state, extensions: extensionsOf(filters) });
}

function listing(findings: readonly Finding[]): string {
  return table(
    ['', 'WHAT', 'FOUND', 'TO MEND IT'],
    findings.map(({ state, what, found, mend }) => [state, what, found, mend ?? '']),
  );
}
