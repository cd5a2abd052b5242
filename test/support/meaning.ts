/** What filters mean: the rules they become on a port, and what becomes of frames there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../src/compiler/compile.js';
import { explain, WAYS } from '../../src/compiler/explain.js';
import { renderPort } from '../../src/compiler/render.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import type { Filter } from '../../src/model/filter.js';
import { decodeFrame } from '../../src/packet/frame.js';
import { readFrame } from '../../src/packet/syntax.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { corpus } from '../compiler/explain-corpus.js';

const FILTERS = join(import.meta.dirname, '../../filters');
const BUILT_IN = readdirSync(FILTERS).map((file) => readFilter(readFileSync(join(FILTERS, file))));

const GUEST = { mac: '52:54:00:00:00:01', ip: '10.1.2.3', ip6: 'fd77::5' };
const OTHER = { mac: '52:54:00:00:00:02', ip: '10.0.0.9', ip6: '2001:db8::9' };

const FRAMES = {
  out: frames(GUEST, OTHER),
  in: frames(OTHER, GUEST),
};

function frames(from: typeof GUEST, to: typeof GUEST) {
  const ends = { source: from.mac, destination: to.mac };
  return corpus(from, to).map((line) => decodeFrame(readFrame(line, ends)));
}

/** The filter on a port: by itself, with the others of its document and those that come with nwgate. */
export function rulesetOf(filter: Filter, others: readonly Filter[] = []): PortRuleset {
  const all = new Map([...BUILT_IN, ...others, filter].map((each) => [each.name, each]));
  const parameters = [{ name: 'IP', value: GUEST.ip }];
  return compile(filter.name, (name) => all.get(name), { port: 'vnet0', mac: GUEST.mac, parameters });
}

/** Text of the rules of each filter. */
export function rulesOf(filters: readonly Filter[]): readonly string[] {
  return filters.map((filter) => renderPort(rulesetOf(filter, filters)));
}

/** What becomes of every frame of the corpus on its way out of and to a guest with each filter. */
export function verdictsOf(filters: readonly Filter[]): readonly string[] {
  const known = { sets: new Map<string, boolean>(), connections: undefined };
  return filters.flatMap((filter) => {
    const ruleset = rulesetOf(filter, filters);
    return WAYS.flatMap((direction) =>
      FRAMES[direction].map(
        (frame) =>
          explain(ruleset, frame, { direction, peer: 'network', state: undefined, reply: false, known })
            .verdict,
      ),
    );
  });
}
