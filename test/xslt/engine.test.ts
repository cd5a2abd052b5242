/** The cache, the thread of the built-in engine, and the choice. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { INSTANCES_NS } from '../../src/mapping/neutral.js';
import type { Transform } from '../../src/mapping/transform.js';
import { type Element, el, elements } from '../../src/xml/element.js';
import { filterElement } from '../../src/xml/nwfilter-write.js';
import { builtin } from '../../src/xslt/builtin.js';
import { startThread } from '../../src/xslt/builtin-thread.js';
import { cached, resultCache } from '../../src/xslt/cache.js';
import { chooseEngine } from '../../src/xslt/engine.js';
import { hasXsltproc, xsltproc } from '../../src/xslt/xsltproc.js';
import { noXsltproc, pure } from '../support/engines.js';
import { EVERY_ATTRIBUTE } from '../support/every-attribute.js';

afterAll(() => pure.close());

const document = filterElement(EVERY_ATTRIBUTE[0]!);

describe('the cache', () => {
  const counting = (answer: () => Promise<Element>) => {
    const calls: string[] = [];
    const transform: Transform = (sheet) => {
      calls.push(sheet);
      return answer();
    };
    return { calls, transform };
  };

  it('runs equal input once, also at the same moment, and other input again', async () => {
    const { calls, transform } = counting(async () => el('', 'r'));
    const run = cached(transform, resultCache());
    await Promise.all([run('nwfilter-to-draft', document), run('nwfilter-to-draft', document)]);
    await run('nwfilter-to-draft', { ...document });
    expect(calls.length).toBe(1);
    await run('nwfilter-to-wscim', document);
    await run('nwfilter-to-draft', document, { name: 'x' });
    await run('nwfilter-to-draft', el('', 'filter', { name: 'other' }));
    expect(calls.length).toBe(4);
  });

  it('keeps no failure', async () => {
    let good = false;
    const { calls, transform } = counting(async () => {
      if (!good) throw new Error('no');
      return el('', 'r');
    });
    const run = cached(transform, resultCache());
    await expect(run('nwfilter-to-draft', document)).rejects.toThrow('no');
    good = true;
    await run('nwfilter-to-draft', document);
    expect(calls.length).toBe(2);
  });

  it('stays within its octets, the least recently used first out', async () => {
    const cache = resultCache(3000);
    const made: string[] = [];
    const get = (key: string) =>
      cache.get(key, async () => {
        made.push(key);
        return el('', 'r', {}, 'x'.repeat(500));
      });
    for (const key of ['a', 'b', 'a', 'c', 'a']) await get(key);
    expect(made).toEqual(['a', 'b', 'c']);
    expect(cache.size).toBeLessThanOrEqual(3000);
    await get('b');
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });
});

describe('the built-in engine', () => {
  it('leaves the event loop free', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await pure.transform('nwfilter-to-wscim', document);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  it('starts again after its end, and fails what was under way', async () => {
    const engine = builtin();
    const running = engine.transform('nwfilter-to-wscim', document);
    await setImmediate();
    await Promise.all([expect(running).rejects.toThrow('its thread ended'), engine.close()]);
    expect(elements(await engine.transform('nwfilter-to-wscim', document)).length).toBeGreaterThan(1);
    await engine.close();
  });

  it('ends what takes too long, and goes on', { timeout: 30_000 }, async () => {
    const named = (name: string) => Array.from({ length: 30_000 }, () => el('', name));
    const nested = el(
      '',
      'NWG_NestedFilterList',
      {},
      ...named('ParameterNames'),
      ...named('ParameterValues'),
    );
    const engine = builtin({ patience: 5_000 });
    const long = engine.transform('wscim-to-nwfilter', el(INSTANCES_NS, 'Instances', {}, nested));
    const after = engine.transform('nwfilter-to-wscim', el('', 'filter', { name: 'short' }));
    await expect(long).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('5000 ms'),
    });
    expect(elements(await after).length).toBe(1);
    await engine.close();
  });

  it.each([1_400, 1_000_000])('a template that calls itself %s times harms nobody', async (depth) => {
    const recursive = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
      <xsl:template match="/"><r><xsl:call-template name="t"><xsl:with-param name="n" select="number(*)"/></xsl:call-template></r></xsl:template>
      <xsl:template name="t"><xsl:param name="n"/><xsl:if test="$n > 0"><x/><xsl:call-template name="t"><xsl:with-param name="n" select="$n - 1"/></xsl:call-template></xsl:if></xsl:template>
    </xsl:stylesheet>`;
    const thread = startThread({ recursive });
    const run = (times: number) =>
      thread.run({ sheet: 'recursive', document: `<n>${times}</n>`, parameters: {} }, 60_000);
    const answer = await run(depth).catch((error: unknown) => error);
    if (depth < 1_500) expect(answer).toContain('<x/>'.repeat(depth));
    else expect(answer).toMatchObject({ code: 'INTERNAL', details: expect.stringContaining('recursion') });
    expect(await run(2)).toContain('<r><x/><x/></r>');
    await thread.end();
  });

  it('ends when nothing is to be done, and starts again', async () => {
    const engine = builtin({ idle: 1 });
    for (let round = 0; round < 3; round += 1) {
      expect((await engine.transform('nwfilter-to-wscim', document)).local).toBe('Instances');
      await setTimeout(20);
    }
  });

  it('carries every character', async () => {
    const comment = `&amp; &#65; <b> "q" 'a' ]]> \u{1f512} ä\u00a0  z`;
    const filter = el(
      '',
      'filter',
      { name: 'f' },
      el('', 'rule', { action: 'drop', direction: 'in' }, el('', 'mac', { comment })),
    );
    const [, entry] = elements(await pure.transform('nwfilter-to-wscim', filter));
    const found = elements(entry!).find(({ local }) => local === 'Description');
    expect(found?.children).toEqual([comment]);
  });
});

describe('the choice of an engine', () => {
  it('is what was asked for', async () => {
    const engine = await chooseEngine({ prefer: 'builtin' });
    expect(engine.name).toBe('builtin');
    expect((await engine.transform('nwfilter-to-wscim', document, { systemName: 'h' })).local).toBe(
      'Instances',
    );
    await engine.close();
  });

  it('is xsltproc where it is', async () => {
    const engine = await chooseEngine();
    expect(engine.name).toBe(noXsltproc === undefined ? 'xsltproc' : 'builtin');
    await engine.close();
  });

  it.skipIf(noXsltproc)('in a process that stays starts another for long documents only', async () => {
    const engine = await chooseEngine({ stays: true });
    const path = process.env.PATH;
    process.env.PATH = '';
    try {
      const rule = el('', 'rule', { action: 'drop', direction: 'in' });
      const rules = (count: number) =>
        el('', 'filter', { name: 'f' }, ...Array.from({ length: count }, () => rule));
      const made = await engine.transform('nwfilter-to-wscim', rules(10), { systemName: 'h' });
      expect(made.local).toBe('Instances');
      const long = engine.transform('nwfilter-to-wscim', rules(1000), { systemName: 'h' });
      await expect(long).rejects.toMatchObject({ code: 'HOST_LACKS' });
    } finally {
      process.env.PATH = path;
      await engine.close();
    }
  });

  it('sees that xsltproc is not there or fails', async () => {
    const missing = async () => {
      throw new Error('ENOENT');
    };
    expect(await hasXsltproc(missing)).toBe(false);
    const failing = async () => ({ code: 6, stdout: '', stderr: 'broken sheet\n', failure: 'exit code 6' });
    const run = xsltproc(failing)('nwfilter-to-draft', document);
    await expect(run).rejects.toMatchObject({ code: 'INTERNAL', details: 'broken sheet' });
    const silent = async () => ({ code: 0, stdout: '', stderr: '', failure: undefined });
    await expect(xsltproc(silent)('nwfilter-to-draft', document)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
