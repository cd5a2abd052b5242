/** `explain`: which rules a frame meets, and whether it passes. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { MOST_FRAMES } from '../../app/choices.js';
import type { Explained, ShownRule } from '../../app/operations-explain.js';
import { PEERS, WAYS } from '../../compiler/explain.js';
import { fail } from '../../model/errors.js';
import type { Parameter } from '../../model/filter.js';
import { STATES, type State } from '../../packet/conntrack.js';
import { toHex } from '../../packet/octets.js';
import { readCapture } from '../../packet/pcap.js';
import { contextOf } from '../context.js';
import { isDocument, isFile, readDocument, readOctets } from '../documents.js';
import { parameterOption } from '../parameters.js';
import { table } from '../table.js';

interface ExplainOptions {
  readonly filter?: string;
  readonly port?: string;
  readonly mac?: string;
  readonly param: readonly Parameter[];
  readonly direction: (typeof WAYS)[number];
  readonly peer: (typeof PEERS)[number];
  readonly conntrack?: Lowercase<State>;
  readonly reply?: boolean;
  readonly set: readonly { readonly name: string; readonly holds: boolean }[];
  readonly connections?: number;
  readonly all?: boolean;
}

export function explainCommand(program: Command): void {
  program
    .command('explain')
    .usage('[options] <port> <frame>\n       nwgate explain [options] --filter <name> <frame>')
    .argument(
      '<words...>',
      'a bound port, and a frame: words, hexadecimal, or a capture file (docs/explain.md)',
    )
    .option('--filter <name|file>', 'a filter instead of what is bound to a port')
    .option('--port <port>', 'the interface, with --filter')
    .option('--mac <mac>', "the guest's MAC address")
    .addOption(parameterOption())
    .addOption(new Option('--direction <way>', 'seen from the guest').choices(WAYS).makeOptionMandatory())
    .addOption(new Option('--peer <end>', 'what is at the other end').choices(PEERS).default('network'))
    .addOption(
      new Option('--conntrack <state>', 'of the connection; else what a first packet makes').choices(
        STATES.map((state) => state.toLowerCase()),
      ),
    )
    .option('--reply', 'the packet goes against the direction in which its connection was opened')
    .addOption(
      new Option('--set <name>', 'an IP set that holds its addresses; NAME=no: one that does not')
        .argParser(collectSet)
        .default([], 'asked for'),
    )
    .addOption(new Option('--connections <n>', 'how many connections connlimit counts').argParser(count))
    .option('--all', 'also the rules that it did not meet, and which test said no')
    .description('the rules that a frame meets on a port, and what becomes of it; nothing is touched')
    .action(async (words: string[], options: ExplainOptions, command: Command) => {
      const context = contextOf(command);
      const { filter, param, conntrack, port, set, ...rest } = options;
      const [frame = '', bound] = words.toReversed();
      if (words.length > 2 || (filter !== undefined && bound !== undefined))
        throw fail('USAGE', 'one frame is explained at a time: put its words between quotes');
      const explained = await context.call('explain', {
        ...rest,
        filter: filter !== undefined && (await isDocument(filter)) ? await readDocument(filter) : filter,
        port: bound ?? port,
        parameters: [...param],
        sets: [...set],
        state: STATES.find((each) => each.toLowerCase() === conntrack),
        frames: [...(await framesOf(frame))],
      });
      context.show(explained, (all) => all.map(text).join('\n'));
    });
}

function collectSet(text: string, before: ExplainOptions['set']): ExplainOptions['set'] {
  const [, name, not] = /^(.+?)(=no)?$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('it has the form NAME or NAME=no.');
  return [...before, { name, holds: not === undefined }];
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it is a number.');
  return Number(text);
}

/** A capture holds many; everything that is no file is one frame in words. */
async function framesOf(text: string): Promise<readonly string[]> {
  if (!(await isFile(text))) return [text];
  const frames = readCapture(await readOctets(text));
  if (frames.length === 0) throw fail('VALUE', `${text} holds no frame`);
  if (frames.length > MOST_FRAMES)
    throw fail('LIMIT', `${text} holds ${frames.length} frames, and ${MOST_FRAMES} are explained at once`);
  return frames.map(toHex);
}

/** One frame for people: what it is, the rules in the order in which it came to them, the verdict. */
function text(explained: Explained): string {
  const { frame, connection, rules } = explained;
  const lines = [frame];
  if (connection) {
    const { state, reply, why } = connection;
    lines.push(`connection: ${state}${reply ? ', reply' : ''}${why === null ? '' : ` (${why})`}`);
  }
  const rows = rules.map((rule) => [rule.tool, rule.hook, rule.chain, ruleText(rule), rule.place ?? '']);
  if (rows.length > 0) lines.push('', table(['TOOL', 'HOOK', 'CHAIN', 'RULE', 'FROM'], rows).trimEnd(), '');
  return `${[...lines, ...verdictLines(explained)].join('\n')}\n`;
}

const ruleText = ({ rule, failed }: ShownRule) => (failed === null ? rule : `${rule}  (not met: ${failed})`);

function verdictLines({ verdict, why, decidedBy, depends }: Explained): readonly string[] {
  if (depends === null)
    return [[`=> ${verdict}`, why ?? decidedBy].filter((part) => part !== null).join(': ')];
  const { on, yes, no } = depends;
  const inner = (answer: string, each: Explained | null) =>
    each === null ? [] : verdictLines(each).map((line) => `   ${answer} ${line}`);
  return [`=> depends on whether ${on}`, ...inner('yes', yes), ...inner('no ', no)];
}
