/** The golden cases of test/data/compile: native filters and parameters, and the text each tool is fed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../src/compiler/compile.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import { readFilter } from '../../src/xml/nwfilter-read.js';
import { params } from './build.js';

const DATA = join(import.meta.dirname, '../data/compile');
const BUILT_IN = join(import.meta.dirname, '../../filters');

export interface Case {
  readonly name: string;
  readonly directory: string;
  readonly ruleset: PortRuleset;
  /** IP sets that must be there for the kernel to take it. */
  readonly sets: readonly string[];
}

interface Parameters {
  readonly filter: string;
  readonly port: string;
  readonly mac?: string;
  readonly parameters: readonly string[];
  readonly sets?: readonly string[];
}

export const CASES: readonly Case[] = readdirSync(DATA).map((name) => {
  const directory = join(DATA, name);
  const given: Parameters = JSON.parse(readFileSync(join(directory, 'params.json'), 'utf8'));
  const lookup = (wanted: string) => {
    const file = [directory, BUILT_IN].map((place) => join(place, `${wanted}.xml`)).find(existsSync);
    return file === undefined ? undefined : readFilter(readFileSync(file));
  };
  const { filter, port, mac, parameters, sets = [] } = given;
  const ruleset = compile(filter, lookup, { port, mac, parameters: params(...parameters) });
  return { name, directory, ruleset, sets };
});
