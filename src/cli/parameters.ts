/** `--param NAME=VALUE`, repeated for several parameters and for lists. */
import { InvalidArgumentError, Option } from 'commander';
import type { Parameter } from '../model/filter.js';

/** Errors (commander's): no `=`. */
function collect(text: string, before: readonly Parameter[]): readonly Parameter[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('it has the form NAME=VALUE.');
  return [...before, { name: text.slice(0, at), value: text.slice(at + 1) }];
}

export function parameterOption(): Option {
  return new Option('--param <name=value>', 'a variable; repeat one name for a list')
    .argParser(collect)
    .default([], 'none');
}
