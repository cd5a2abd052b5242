import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathOfInstance } from '../../src/cim/path.js';
import { like } from '../../src/cim/query-like.js';
import { checkNames, matcher, subjectOf } from '../../src/cim/query-match.js';
import { parseSelect } from '../../src/cim/query-select.js';
import { parseXPath } from '../../src/cim/query-xpath.js';
import { classRow } from '../../src/cim/schema.js';
import { hostKeys, instance, listPath } from '../../src/cim/views.js';
import { NwgateError } from '../../src/model/errors.js';

const entry = instance('NWG_IPHeadersFilter', {
  ...hostKeys('h', 'NWG_IPHeadersFilter'),
  Name: "no-smtp:it's",
  Action: 2,
  Priority: -5,
  StateMatch: true,
  HdrSrcAddress: '10.1.2.0',
  ConnectionStates: [1, 2],
  NegatedProperties: ['HdrSrcAddress'],
});
const member = instance('NWG_EntriesInFilterList', {
  GroupComponent: listPath('h', 'no-smtp'),
  PartComponent: pathOfInstance('', entry),
  RuleIndex: 3,
});

const where = (text: string) => matcher(parseSelect(`SELECT * FROM CIM_FilterEntryBase WHERE ${text}`).where);
const xpath = (text: string) => matcher(parseXPath(text).where);

describe('SELECT', () => {
  it('names its class and its properties', () => {
    expect(parseSelect('select * from NWG_ARPFilter')).toEqual({
      className: 'NWG_ARPFilter',
      properties: undefined,
      where: undefined,
    });
    expect(
      parseSelect('SELECT Name, e.Action,NWG_ARPFilter.Priority FROM NWG_ARPFilter AS e').properties,
    ).toEqual(['Name', 'Action', 'Priority']);
    expect(parseSelect('SELECT e.* FROM NWG_ARPFilter e').properties).toBeUndefined();
  });

  it.each([
    ['Action = 2', true],
    ['Action = 3', false],
    ['2 = Action', true],
    ["Action = '2'", true],
    ['Action <> 2', false],
    ['Action != 3', true],
    ['Priority < 0', true],
    ['Priority<=-5', true],
    ['Priority > -5', false],
    ['Priority >= -5.5', true],
    ['StateMatch = TRUE', true],
    ['StateMatch = false', false],
    ["StateMatch = 'true'", true],
    ["HdrSrcAddress = '10.1.2.0'", true],
    ['HdrSrcAddress = "10.1.2.1"', false],
    [`Name = "no-smtp:it's"`, true],
    ["Name = 'no-smtp:it\\'s'", true],
    ["Name = 'no-smtp:it''s'", true],
    ["Name LIKE 'no-%'", true],
    ["Name NOT LIKE 'no-%'", false],
    ["NOT Name LIKE 'x%'", true],
    ['HdrDestAddress IS NULL', true],
    ['HdrDestAddress = NULL', true],
    ['HdrSrcAddress IS NOT NULL', true],
    ['HdrSrcAddress <> NULL', true],
    ["HdrDestAddress = '1.2.3.4'", false],
    ["NOT HdrDestAddress = '1.2.3.4'", false],
    ["NOT (HdrDestAddress = '1.2.3.4' OR Action = 2)", false],
    ["HdrDestAddress = '1.2.3.4' OR Action = 2", true],
    ['Action = 1 OR Action = 2 AND Priority = 0', false],
    ['(Action = 1 OR Action = 2) AND Priority = -5', true],
    ['ConnectionStates = 2', true],
    ['ConnectionStates = 3', false],
    ['ConnectionStates[0] = 2', false],
    ['ConnectionStates[1] = 2', true],
    ['CIM_FilterEntryBase ISA CIM_IPHeadersFilter', true],
    ["CIM_FilterEntryBase ISA 'NWG_ARPFilter'", false],
    ["__CLASS = 'NWG_IPHeadersFilter'", true],
    ['action = 2', true],
    ['Action = Action', true],
    ['Action = Priority', false],
  ])('WHERE %s is %s', (text, expected) => {
    expect(where(text)(subjectOf(entry))).toBe(expected);
  });

  it('looks into references', () => {
    const test = (text: string) => where(text)(subjectOf(member));
    expect(test("GroupComponent.Name = 'no-smtp'")).toBe(true);
    expect(test("GroupComponent.Name = 'web'")).toBe(false);
    expect(test("PartComponent ISA 'CIM_IPHeadersFilter'")).toBe(true);
    expect(test('PartComponent ISA NWG_ARPFilter')).toBe(false);
    expect(test('RuleIndex.x = 1')).toBe(false);
  });

  it.each([
    '',
    'SELECT',
    'SELECT * FROM',
    'SELECT FROM X',
    'DELETE FROM X',
    'SELECT * FROM X WHERE',
    'SELECT * FROM X WHERE Action',
    'SELECT * FROM X WHERE Action = ',
    'SELECT * FROM X WHERE (Action = 1',
    'SELECT * FROM X WHERE Action = 1)',
    "SELECT * FROM X WHERE Name = 'open",
    'SELECT * FROM X WHERE Action < NULL',
    'SELECT * FROM X WHERE NULL = NULL',
    'SELECT * FROM X WHERE Name LIKE 5',
    'SELECT * FROM X; DROP TABLE X',
    'SELECT a.b.c FROM X',
    `SELECT * FROM X WHERE ${'('.repeat(40)}Action = 1${')'.repeat(40)}`,
    `SELECT * FROM X WHERE ${'NOT '.repeat(40)}Action = 1`,
    `SELECT * FROM X WHERE Name = '${'x'.repeat(9000)}'`,
    `SELECT ${'a,'.repeat(600)}a FROM X`,
  ])('%.40s is refused', (text) => {
    expect(() => parseSelect(text)).toThrow(expect.objectContaining({ code: 'CIM_QUERY' }));
  });

  it('never throws anything else', () => {
    const word = fc.constantFrom(
      'SELECT',
      '*',
      'FROM',
      'X',
      'WHERE',
      'NOT',
      '(',
      ')',
      'a',
      '=',
      '5',
      "'s'",
      'LIKE',
      'ISA',
      'AND',
      '.',
      '[',
      '\\',
      "'",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        for (const parse of [parseSelect, parseXPath])
          try {
            parse(words.join(' '));
          } catch (error) {
            if (!(error instanceof NwgateError) || error.code !== 'CIM_QUERY') throw error;
          }
      }),
    );
  });
});

describe('XPath', () => {
  it.each([
    ['Action = 2', true],
    ['Action=3', false],
    ['n:Action = "2"', true],
    ['Action != 3', true],
    ['HdrDestAddress != "1.2.3.4"', false],
    ['not(HdrDestAddress = "1.2.3.4")', true],
    ['HdrDestAddress', false],
    ['HdrSrcAddress', true],
    ['not(HdrDestAddress)', true],
    ['/p:NWG_IPHeadersFilter[p:Action = 2]', true],
    ['/CIM_FilterEntryBase[Action = 2 and Priority < 0]', true],
    ['CIM_FilterEntryBase[Action = 2][Priority > 0]', false],
    ['/*[Action = 2]', true],
    ['*[Action = 3]', false],
    ['*[Action = 2]', true],
    ['//*[Action = 2]/Name', true],
    ['../NWG_IPHeadersFilter[Action = 2]', true],
    ['.[Action = 3]', false],
    ['/NWG_ARPFilter', false],
    ['/NWG_IPHeadersFilter/HdrDestAddress', false],
    ['/NWG_IPHeadersFilter/Action/text() = 2', true],
    ["starts-with(Name, 'no-')", true],
    ["contains(Name, 'smtp') and not(contains(Name, 'web'))", true],
    ['ConnectionStates = 2', true],
    ['ConnectionStates[1] = 2', false],
    ['ConnectionStates[2] = 2', true],
    ['StateMatch = true()', true],
    ['(Action = 1 or Action = 2) and true()', true],
    ['false()', false],
  ])('%s is %s', (text, expected) => {
    expect(xpath(text)(subjectOf(entry))).toBe(expected);
  });

  it('tells the class where it is one path', () => {
    expect(parseXPath('/x:NWG_ARPFilter[Action = 2]').className).toBe('NWG_ARPFilter');
    expect(parseXPath('Action = 2').className).toBeUndefined();
    expect(parseXPath('/NWG_ARPFilter or /NWG_STPFilter').className).toBeUndefined();
  });

  it.each([
    '',
    '5',
    "'x'",
    'Name[',
    'Name[x]',
    'count(Name) = 1',
    'Name = ',
    '/',
    '@x',
    '. = 1',
    'Name | Action',
    '*/*',
  ])('%s is refused', (text) => {
    expect(() => parseXPath(text)).toThrow(expect.objectContaining({ code: 'CIM_QUERY' }));
  });
});

describe('names', () => {
  it('must be of the class or one below it', () => {
    const check = (className: string, text: string, properties: readonly string[] = []) =>
      checkNames(classRow(className), parseXPath(text).where, properties);
    check('CIM_FilterEntryBase', 'Action = 2 and HdrSrcAddress', ['name', '__PATH']);
    expect(() => check('NWG_ARPFilter', 'HdrFlowLabel = 1')).toThrow(
      /NWG_ARPFilter has no property HdrFlowLabel/,
    );
    expect(() => check('NWG_ARPFilter', 'Action = 2', ['Nonsense'])).toThrow(/Nonsense/);
  });
});

describe('LIKE', () => {
  it.each([
    ['a%', 'abc', true],
    ['%c', 'abc', true],
    ['%b%', 'abc', true],
    ['a_c', 'abc', true],
    ['a_c', 'ac', false],
    ['', '', true],
    ['', 'a', false],
    ['%', '', true],
    ['a[bx]c', 'abc', true],
    ['a[a-c]c', 'abc', true],
    ['a[^a-c]c', 'abc', false],
    ['a[^x]c', 'abc', true],
    ['a.c', 'abc', false],
    ['[', '[', true],
    ['%_%_%', 'a', false],
    ['%ab%ab', 'abxabab', true],
    ['ABC', 'abc', false],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(like(pattern)(text)).toBe(expected);
  });

  it('says what a regular expression says', () => {
    const piece = fc.constantFrom('a', 'b', '%', '_');
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.constantFrom('a', 'b')), (pattern, text) => {
        const same = new RegExp(`^${pattern.join('').replaceAll('%', '.*').replaceAll('_', '.')}$`);
        expect(like(pattern.join(''))(text.join(''))).toBe(same.test(text.join('')));
      }),
      { numRuns: 200 },
    );
  });

  it('takes no longer for hostile patterns', () => {
    expect(like('%a'.repeat(500))('a'.repeat(499) + 'b'.repeat(5000))).toBe(false);
  });
});
