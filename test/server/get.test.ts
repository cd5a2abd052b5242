/** Get. */
import { describe, expect, it } from 'vitest';
import { faultIn } from './messages.js';
import { getOf, namesIn, SERVICE } from './requests.js';
import { LIST_KEYS, post, run } from './running.js';

describe('null properties', () => {
  it('are there, marked as such', async () => {
    const { text } = await post(await run(), getOf(LIST_KEYS));
    expect(text).toContain('<p:Description xsi:nil="true"/>');
    expect(text).toContain('xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"');
  });
});

describe('singletons', () => {
  it('need no selectors, others do', async () => {
    const server = await run();
    expect(namesIn((await post(server, getOf({}, SERVICE))).text)).toEqual(['nwgate']);
    expect(faultIn((await post(server, getOf({}))).text)).toBe(
      'wsman:InvalidSelectors InsufficientSelectors',
    );
  });
});
