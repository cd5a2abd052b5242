/** Nobody who writes a filter can forge a line of a listing, of an error or of a warning, or move the reader's cursor. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { plainLog } from '../../src/cli/log.js';
import { errorText, faultLine } from '../../src/cli/report.js';
import { table } from '../../src/cli/table.js';
import { fail } from '../../src/model/errors.js';
import { printable, printableLines } from '../../src/model/names.js';

const piece = fc.constantFrom(
  'a',
  ' ',
  '\n',
  '\r',
  '\u001b[2J',
  '\u0007',
  '\u0085',
  '\u009b',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\u007f',
  'é',
  '漢',
);
const text = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
/** Anything but a plain line end. */
const HARM = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const lines = (written: string) => written.split('\n').length - 1;

function holds(make: (text: string) => string, count: number): void {
  fc.assert(
    fc.property(text, (given) => {
      const written = make(given);
      expect(written).not.toMatch(HARM);
      expect(lines(written)).toBe(count);
    }),
  );
}

describe('text from outside', () => {
  it('in a table stays in its cell', () =>
    holds(
      (given) =>
        table(
          ['A', 'B'],
          [
            [given, given],
            ['x', given],
          ],
        ),
      3,
    ));
  it('in a message stays on the line of the message', () =>
    holds((given) => errorText(fail('NAME', given), false), 2));
  it('in a place stays there', () =>
    holds((given) => `${faultLine({ code: 'NAME', message: given, where: { file: given } })}\n`, 1));
  it('in a warning stays on its line', () => {
    const written: string[] = [];
    const write = vi
      .spyOn(process.stderr, 'write')
      .mockImplementation((chunk) => written.push(String(chunk)) > 0);
    try {
      holds((given) => {
        written.length = 0;
        plainLog(false).warn({ filter: given }, 'told');
        return written.join('');
      }, 1);
    } finally {
      write.mockRestore();
    }
  });

  it('in details keeps its lines, each behind the indent, and loses the rest', () => {
    fc.assert(
      fc.property(text, (details) => {
        const written = errorText(fail('NOT_APPLIED', 'no', undefined, { details }), false);
        expect(written).not.toMatch(HARM);
        expect(
          written
            .split('\n')
            .slice(1, -1)
            .every((line) => line.startsWith('  ')),
        ).toBe(true);
      }),
    );
  });

  it('is escaped so that it can still be read', () => {
    expect(printable('a\u001b[2J\u202eb')).toBe('a\\x1b[2J\\u202eb');
    expect(printable('x'.repeat(100))).toHaveLength(81);
    expect(printableLines('a\r\nb')).toBe('a\\x0d\nb');
    expect(printable('é漢')).toBe('é漢');
  });
});
