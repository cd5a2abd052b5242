/** What every command gets: a way to act on the product, and where to print. */
import type { Command } from 'commander';
import type { InputOf, OperationName, ResultOf } from '../app/operations.js';
import { printableLines } from '../model/names.js';
import { type Act, actor } from './act.js';
import { plainLog } from './log.js';
import type { HostChoice } from './product.js';
import { stateDirectory } from './state-dir.js';

/** The options that stand before any command. */
export interface GlobalOptions {
  readonly state?: string;
  readonly host: HostChoice;
  readonly netns?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface Context {
  readonly state: string;
  readonly options: GlobalOptions;
  /** Through the running gateway, or alone under the lock of the state directory. */
  call<N extends OperationName>(name: N, input: InputOf<N>): Promise<ResultOf<N>>;
  /** To standard output as it is. */
  print(text: string): void;
  /** The result: as JSON with --json, else what `text` makes of it. */
  show<T>(result: T, text: (result: T) => string): void;
  /** What was done, for people: nothing with --quiet, the result as JSON with --json. */
  done(result: unknown, sentence: string): void;
}

export function contextOf(command: Command): Context {
  const options = command.optsWithGlobals<GlobalOptions>();
  const state = stateDirectory(options.state);
  const log = plainLog(options.quiet === true || options.json === true);
  const act: Act = actor({ state, host: options.host, netns: options.netns, log });
  const print = (text: string) => void process.stdout.write(text);
  const printJson = (value: unknown) => print(`${JSON.stringify(value)}\n`);
  return {
    state,
    options,
    call: (name, input) => act(name, input) as Promise<ResultOf<typeof name>>,
    print,
    show: (result, text) => (options.json ? printJson(result) : print(text(result))),
    done(result, sentence) {
      if (options.json) printJson(result);
      else if (!options.quiet) print(`${printableLines(sentence)}\n`);
    },
  };
}
