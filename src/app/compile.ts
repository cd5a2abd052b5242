/** What a port's rules would be: nothing is touched. */
import { compile } from '../compiler/compile.js';
import type { PortRuleset } from '../compiler/ruleset.js';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { isClaimName } from '../model/names.js';
import type { CompileRequest } from './api.js';
import { checkBinding } from './check-binding.js';
import { readNative } from './define.js';
import { refuseLoops } from './references.js';
import { lookupIn, type State, storedFilter } from './state.js';

/** Errors: NAME, VALUE, FILTER_NOT_FOUND, those of the reader and of the compiler. */
export function compileRequest(state: State, request: CompileRequest): PortRuleset {
  const stored = lookupIn(state);
  const { filter, lookup } =
    typeof request.filter === 'string'
      ? { filter: storedFilter(state, request.filter).value, lookup: stored }
      : overlaid(readNative(request.filter.document, request.filter.source), stored);
  const binding = checkBinding({
    port: request.port,
    filter: filter.name,
    mac: request.mac,
    owner: undefined,
    parameters: request.parameters ?? [],
  });
  if (isClaimName(binding.port)) throw fail('NAME', `${binding.port} is no port: name one`);
  return compile(filter.name, lookup, binding);
}

/** The document's filter in front of the stored ones. */
function overlaid(filter: Filter, stored: (name: string) => Filter | undefined) {
  const lookup = (name: string) => (name === filter.name ? filter : stored(name));
  refuseLoops([filter], lookup);
  return { filter, lookup };
}
