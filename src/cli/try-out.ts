/** What `npm start` shows: a user, an imported vendor policy with the rules it becomes, and commands to go on with. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Product } from '../app/operation.js';
import { renderPort } from '../compiler/render.js';
import type { Caller } from '../model/caller.js';
import { writeAtomically } from '../store/disk.js';
import { type Address, formatAddress } from './listen.js';
import { PACKAGE } from './package.js';

const BY: Caller = { name: 'npm start', role: 'admin', from: 'shell' };
const USER = 'admin';
const PORT = 'vnet0';

export interface TryOut {
  readonly product: Product;
  readonly address: Address;
  readonly state: string;
  readonly print: (text: string) => void;
}

export async function showTryOut({ product, address, state, print }: TryOut): Promise<void> {
  const { gateway } = product;
  const password = await tryOutPassword(product, state);
  const example = join(PACKAGE, 'examples/vendor-policy.xml');
  const document = await readFile(example, 'utf8');
  const { names, report } = await gateway.importPolicy(
    { document, source: example, onConflict: 'replace' },
    BY,
  );
  const filter = names[0]!;
  const rules = renderPort(gateway.compile({ filter, port: PORT }));
  const { kind, reason } = gateway.host;
  const url = `http://${formatAddress(address)}`;
  print(
    `
nwgate runs on ${url}/wsman
  host      ${kind}${reason === undefined ? '' : ` (${reason})`}
  state     ${state}
  filters   ${gateway.listFilters().length}, the built-in ones among them
  user      ${USER}
  password  ${password}

examples/vendor-policy.xml was imported:
${indent(report.join('\n'))}

and on the port ${PORT} it becomes:
${indent(rules)}

Try:
  curl -s -H 'WSMANIDENTIFY: unauthenticated' -H 'Content-Type: application/soap+xml;charset=UTF-8' \\
    -d '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Body><i:Identify/></s:Body></s:Envelope>' \\
    ${url}/wsman
  npx nwgate --state ${state} list
  npx nwgate --state ${state} compile ${filter} --port ${PORT}

Ctrl-C ends it.
`,
  );
}

const indent = (text: string) => text.trimEnd().replace(/^(?=.)/gm, '  ');

/** The password of the try-out's user, kept beside it so that the next start can show it again. */
async function tryOutPassword({ users }: Product, state: string): Promise<string> {
  const file = join(state, 'try-out-password');
  const exists = (await users.list()).some(({ name }) => name === USER);
  if (exists) {
    return (await readFile(file, 'utf8').catch(() => '(the one you gave it)')).trim();
  }
  const password = randomBytes(12).toString('base64url');
  await users.add({ name: USER, role: 'admin', password }, BY);
  await writeAtomically(file, `${password}\n`);
  return password;
}
