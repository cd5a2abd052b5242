/** Subscribe messages and looking into their answers. */

import { lifecycleIndication } from '../../src/cim/indications.js';
import type { Instance } from '../../src/cim/instance.js';
import { DELIVERY_MODE, NS } from '../../src/wsman/namespaces.js';
import { type FakeObjects, instance } from './fake-objects.js';
import { envelope, post, type Running } from './running.js';

export const ALL = 'http://schemas.dmtf.org/wbem/wscim/1/*';
export const DMTF = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/';
export const WQL = 'http://schemas.microsoft.com/wbem/wsman/1/WQL';

export interface Subscribing {
  readonly mode?: keyof typeof DELIVERY_MODE;
  readonly to?: string;
  /** More children of NotifyTo. */
  readonly parameters?: string;
  /** More children of Delivery, and of Subscribe. */
  readonly delivery?: string;
  readonly more?: string;
  readonly resource?: string;
  readonly query?: string;
  readonly dialect?: string;
  readonly endTo?: string;
  readonly selectors?: Readonly<Record<string, string>>;
}

export function subscribeMessage(how: Subscribing): string {
  const { mode = 'push', to, parameters = '', delivery = '', more = '', query, dialect = WQL, endTo } = how;
  const endpoint = (name: string, address: string, inside = '') =>
    `<v:${name}><a:Address>${address}</a:Address>${inside}</v:${name}>`;
  const body = `<v:Subscribe xmlns:v="${NS.wse}">${endTo === undefined ? '' : endpoint('EndTo', endTo)}<v:Delivery Mode="${DELIVERY_MODE[mode]}">${
    to === undefined ? '' : endpoint('NotifyTo', to, parameters)
  }${delivery}</v:Delivery>${more}${query === undefined ? '' : `<w:Filter Dialect="${dialect}">${query.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</w:Filter>`}</v:Subscribe>`;
  return envelope({
    action: `${NS.wse}/Subscribe`,
    resource: how.resource ?? `${DMTF}CIM_InstIndication`,
    selectors: how.selectors ?? {},
    body,
  });
}

export interface Subscribed {
  readonly id: string;
  readonly context: string | undefined;
}

/** Throws what was answered instead of a SubscribeResponse. */
export async function subscribe(server: Running, how: Subscribing): Promise<Subscribed> {
  const { text } = await post(server, subscribeMessage(how));
  const id = /<wse:Identifier>([^<]+)</.exec(text)?.[1];
  if (id === undefined) throw new Error(text);
  return { id, context: /<wsen:EnumerationContext>([^<]+)</.exec(text)?.[1] };
}

/** Renew, GetStatus or Unsubscribe, as clients write them: the identifier is a header. */
export function manage(server: Running, operation: string, id: string | undefined, body = '', user = {}) {
  const header = id === undefined ? '' : `<v:Identifier xmlns:v="${NS.wse}">${id}</v:Identifier>`;
  const content = `<v:${operation} xmlns:v="${NS.wse}">${body}</v:${operation}>`;
  return post(server, envelope({ action: `${NS.wse}/${operation}`, headers: header, body: content }), user);
}

const SYSTEM = { SystemCreationClassName: 'NWG_HostSystem', SystemName: 'host1' };

export function list(name: string, more = {}): Instance {
  return instance('NWG_FilterList', { ...SYSTEM, CreationClassName: 'NWG_FilterList', Name: name, ...more });
}

/** Tells whoever watches that a list came to be, in order of the names. */
export function happen({ listeners }: FakeObjects, ...names: readonly string[]): void {
  for (const name of names)
    for (const listener of listeners)
      listener(lifecycleIndication({ before: undefined, after: list(name) }, 'host1'));
}

/** Names of the lists that a message is about, in order. */
export function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/<e:Name>([^<]*)</g)].map(([, name]) => name!);
}

/** Long enough for what should not happen to have happened. */
export const quiet = () => new Promise((resolve) => setTimeout(resolve, 120));
