/** Whole messages as literal text: test/data/wsman/<case>/request.xml and response.xml. UPDATE_GOLDENS=1 writes them anew. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { invalidIn, validSoap } from './messages.js';
import { post, run } from './running.js';

const DATA = join(import.meta.dirname, '../data/wsman');
const ID = /uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** What is fresh in every answer, as a constant; one element a line, for readers; null properties, which change with the class tables, left out. */
function normalised(text: string): string {
  return `${text
    .replace(new RegExp(`(<wsa:MessageID>)${ID.source}`), '$1uuid:FRESH')
    .replaceAll(new RegExp(`(<wsen:EnumerationContext>)${ID.source}`, 'g'), '$1CONTEXT')
    .replaceAll(new RegExp(`(<wse:Identifier>)${ID.source}`, 'g'), '$1IDENTIFIER')
    .replaceAll(/<p:\w+ xsi:nil="true"\/>/g, '')
    .replaceAll('><', '>\n<')
    .replaceAll(/(<([\w:]+)>)\n(?=<\/\2>)/g, '$1')}\n`;
}

const cases = readdirSync(DATA).sort();

describe('messages', () => {
  it('are there', () => {
    expect(cases.length).toBeGreaterThan(30);
  });

  it.each(cases)('%s', async (name) => {
    const server = await run();
    const file = (part: string) => join(DATA, name, part);
    let request = readFileSync(file('request.xml'), 'utf8');
    if (existsSync(file('before.xml'))) {
      const before = await post(server, readFileSync(file('before.xml'), 'utf8'));
      request = request.replace('CONTEXT', ID.exec(before.text.slice(before.text.indexOf('<s:Body>')))![0]);
    }
    const { status, text } = await post(server, request);
    const answer = normalised(text);
    if (process.env.UPDATE_GOLDENS) writeFileSync(file('response.xml'), answer);
    expect(answer).toBe(readFileSync(file('response.xml'), 'utf8'));
    expect(invalidIn(text)).toEqual([]);
    expect(validSoap(text)).toBe(status === 200 ? 'answer' : status === 400 ? 'sender' : 'receiver');
  });
});
