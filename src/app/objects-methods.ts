/** The methods of NWG_FilterService, called with checked parameters. */
import type { CimValue, Scalar } from '../cim/instance.js';
import { isObjectPath } from '../cim/instance.js';
import type { MethodRow, PropertyRow } from '../cim/rows.js';
import { parseScalar } from '../cim/scalars.js';
import type { Caller } from '../model/caller.js';
import { type Fault, fail, formatFault, throwIfAny } from '../model/errors.js';
import { printable } from '../model/names.js';
import { parseMac } from '../protocols/addresses.js';
import { CLASSES, FORMS } from './api.js';
import { formatDifference } from './difference.js';
import { parameterPairs, strings } from './objects-parameters.js';
import type { ObjectWorld } from './objects-world.js';

type Values = ReadonlyMap<string, CimValue>;
type Output = Readonly<Record<string, CimValue>>;
type Method = (world: ObjectWorld, input: Values, by: Caller) => Promise<Output>;

const METHODS: Readonly<Record<string, Method>> = {
  async ImportPolicy({ gateway }, input, by) {
    const { names, report } = await gateway.importPolicy(
      {
        document: textOf(input, 'Document') ?? '',
        source: 'Document',
        form: oneOf(input, 'Format', ['auto', ...FORMS]) ?? 'auto',
        onConflict: oneOf(input, 'OnConflict', ['fail', 'replace', 'skip']) ?? 'fail',
        ...optional('name', textOf(input, 'Name')),
      },
      by,
    );
    return { Names: names, Report: report.join('\n') };
  },

  async ExportPolicy({ gateway }, input) {
    const form = oneOf(input, 'Format', FORMS) ?? 'wscim';
    const withReferences = input.get('WithReferences') === true;
    const { document, leftOut } = await gateway.exportPolicy({
      names: strings(input.get('Names')),
      form,
      classes: oneOf(input, 'Classes', CLASSES) ?? 'nwg',
      withReferences,
      lossy: input.get('Lossy') === true,
    });
    return { Document: document, LeftOut: leftOut.map(formatFault) };
  },

  async ApplyFilterList({ gateway }, input, by) {
    const { filter, port, mac, parameters } = application(input);
    await gateway.bind({ port, filter, mac, owner: undefined, parameters }, { replace: true }, by);
    return {};
  },

  async RemoveFilterList({ gateway }, input, by) {
    await gateway.unbind(textOf(input, 'Port') ?? '', by);
    return {};
  },

  async CompileFilterList({ gateway, options }, input) {
    return { Rules: options.renderPort(gateway.compile(application(input))) };
  },

  async VerifyHost({ gateway }, input, by) {
    const { differences } = await gateway.verify(input.get('Repair') === true, by);
    return { Differences: differences.map(formatDifference) };
  },
};

/** ReturnValue and the out parameters. Errors: METHOD_NOT_FOUND, CIM_PARAMETER (all at once), and those of the operation. */
export async function callMethod(
  world: ObjectWorld,
  method: MethodRow,
  parameters: Values,
  by: Caller,
): Promise<Values> {
  const call = METHODS[method.name];
  if (!call) throw fail('METHOD_NOT_FOUND', `there is no method ${method.name}`);
  const output = await call(world, checkParameters(method, parameters), by);
  return new Map([...Object.entries(output), ['ReturnValue', 0]]);
}

/** Parameters under the names and in the types of the method. Text is read as the type. */
function checkParameters(method: MethodRow, given: Values): Values {
  const faults: Fault[] = [];
  const report = (attribute: string, message: string) =>
    faults.push({ code: 'CIM_PARAMETER', message, where: { attribute: printable(attribute) } });
  const checked = new Map<string, CimValue>();
  for (const [name, value] of given) {
    const row = method.input.find((each) => each.name.toLowerCase() === name.toLowerCase());
    const typed = row && typedValue(row, value);
    if (!row) report(name, `${method.name} has no parameter ${printable(name)}`);
    else if (typeof typed === 'object' && 'expects' in typed) report(name, `must be ${typed.expects}`);
    else checked.set(row.name, typed!);
  }
  for (const { name, required } of method.input)
    if (required && !checked.has(name) && !faults.some(({ where }) => where?.attribute === name))
      report(name, `${method.name} needs ${name}`);
  throwIfAny(faults);
  return checked;
}

function typedValue(row: PropertyRow, value: CimValue): CimValue | { readonly expects: string } {
  if (isObjectPath(value)) return { expects: `a ${row.type}` };
  const list: readonly Scalar[] = Array.isArray(value) ? value : [value as Scalar];
  if (!row.array && list.length !== 1) return { expects: 'one value' };
  const parsed = list.map((each) => parseScalar(row, String(each)));
  const wrong = parsed.find((each) => 'expects' in each);
  if (wrong) return wrong;
  const values = parsed.flatMap((each) => ('value' in each ? [each.value] : []));
  return row.array ? values : values[0]!;
}

function application(input: Values) {
  return {
    filter: textOf(input, 'FilterList') ?? '',
    port: textOf(input, 'Port') ?? '',
    mac: macOf(textOf(input, 'MACAddress')),
    parameters: parameterPairs(input, 'CIM_PARAMETER'),
  };
}

/** A MAC with colons, dashes or nothing between its octets. Errors: CIM_PARAMETER. */
function macOf(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const plain = /^[0-9a-f]{12}$/i.test(text.trim())
    ? text.trim().replace(/..(?=.)/g, '$&:')
    : text.trim().replaceAll('-', ':');
  const mac = parseMac(plain);
  if (mac === undefined) {
    const message = `"${printable(text)}" must be a MAC address`;
    throw fail('CIM_PARAMETER', message, { attribute: 'MACAddress' });
  }
  return mac;
}

function oneOf<T extends string>(input: Values, name: string, words: readonly T[]): T | undefined {
  const text = textOf(input, name)?.trim();
  if (text === undefined || text === '') return undefined;
  const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
  if (found === undefined) {
    const message = `"${printable(text)}" must be one of ${words.join(', ')}`;
    throw fail('CIM_PARAMETER', message, { attribute: name });
  }
  return found;
}

function textOf(input: Values, name: string): string | undefined {
  const value = input.get(name);
  return value === undefined ? undefined : String(value);
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return (value === undefined || value === '' ? {} : { [key]: value }) as Partial<Record<K, string>>;
}
