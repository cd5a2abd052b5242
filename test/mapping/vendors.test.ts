/**
 * Vendors' documents, test/data/mapping/<case>/vendor.xml (or .mof), and what becomes of them: the filters in native.xml, or the faults in
 * refused.txt. UPDATE_GOLDENS=1 writes what came out.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mofInstances } from '../../src/cim/mof-read.js';
import { instancesToNeutral, wscimInstances } from '../../src/cim/neutral.js';
import { arrange } from '../../src/mapping/arrange.js';
import { fromForeign } from '../../src/mapping/foreign.js';
import { fromInstances } from '../../src/mapping/wscim.js';
import { NwgateError } from '../../src/model/errors.js';
import { writeFilter } from '../../src/xml/nwfilter-write.js';
import { parseXml } from '../../src/xml/parse.js';
import { anyEngine, pure } from '../support/engines.js';

const DATA = join(import.meta.dirname, '../data/mapping');
const CASES = readdirSync(DATA).filter((name) =>
  ['vendor.xml', 'vendor.mof'].some((file) => existsSync(join(DATA, name, file))),
);

afterAll(() => pure.close());

function instancesIn(name: string) {
  const mof = join(DATA, name, 'vendor.mof');
  if (existsSync(mof)) return mofInstances(readFileSync(mof, 'utf8'));
  return wscimInstances(parseXml(readFileSync(join(DATA, name, 'vendor.xml'))));
}

async function outcome(name: string, transform: typeof anyEngine): Promise<readonly [string, string]> {
  try {
    const filters = arrange(instancesToNeutral(instancesIn(name)), {
      name: name.startsWith('policy') ? 'named' : undefined,
    }).map(async (each) => fromInstances(await fromForeign(each.elements, transform), transform));
    const written = (await Promise.all(filters)).map((filter) => writeFilter(filter, { identities: true }));
    return ['native.xml', written.join('')];
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    const lines = error.faults.map(
      ({ code, message, where }) => `${code} ${message} (${where?.attribute ?? ''})`,
    );
    return ['refused.txt', `${lines.join('\n')}\n`];
  }
}

describe('documents of vendors', () => {
  it.each(CASES)('%s', async (name) => {
    const [file, text] = await outcome(name, pure.transform);
    expect(await outcome(name, anyEngine)).toEqual([file, text]);
    const golden = join(DATA, name, file);
    if (process.env.UPDATE_GOLDENS === '1') writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, 'utf8'));
    const others = readdirSync(join(DATA, name)).filter(
      (each) => each !== file && !each.startsWith('vendor.'),
    );
    expect(others).toEqual([]);
  });
});
