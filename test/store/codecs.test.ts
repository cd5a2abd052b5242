/** Stored files are read without keeping where things stand; a fault says it all the same. */
import { describe, expect, it } from 'vitest';
import { filterCodec } from '../../src/store/codecs.js';

const read = (text: string) => () => filterCodec.read(Buffer.from(text), '/state/filters/a.xml');

describe('stored filters', () => {
  it('that are wrong tell where', () => {
    const wrong = "<filter name='a'>\n  <rule action='maybe' direction='in'/>\n</filter>";
    expect(read(wrong)).toThrow(
      expect.objectContaining({
        faults: [
          expect.objectContaining({
            where: expect.objectContaining({ file: '/state/filters/a.xml', line: 2, attribute: 'action' }),
          }),
        ],
      }),
    );
  });

  it('that are right keep no place of the file', () => {
    const { value } = read("<filter name='a'>\n  <rule action='drop' direction='in'/>\n</filter>")();
    expect(value.entries[0]?.place).not.toHaveProperty('line');
  });
});
