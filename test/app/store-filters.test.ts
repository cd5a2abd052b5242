import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/model/filter.js';
import { temporaryDirectory } from '../support/directory.js';
import { ADMIN, doc, openTestGateway } from '../support/gateway.js';

describe('a filter', () => {
  it('of more than 50 000 rules and references is not stored, by whatever way it comes', async () => {
    const { gateway } = await openTestGateway(temporaryDirectory());
    await gateway.define(doc('b'), {}, ADMIN);
    const { value } = gateway.filter('b');
    const entry: Entry = { kind: 'filterref', filter: 'c', parameters: [] };
    const filter = { ...value, name: 'a', uuid: undefined, entries: Array<Entry>(50_001).fill(entry) };
    const storing = gateway.putFilters([{ filter, expected: undefined }], ADMIN);
    await expect(storing).rejects.toMatchObject({ code: 'LIMIT' });
    expect(gateway.listFilters().map(({ name }) => name)).toEqual(['b']);
  });
});
