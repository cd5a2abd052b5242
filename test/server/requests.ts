/** Requests of each operation, and what answers hold. */
import { library } from './fake-objects.js';
import { CLASS, envelope, post, type Running, WSEN, WXF } from './running.js';

export const SERVICE = `${CLASS}NWG_FilterService`;
export const OPTIMIZE = '<w:OptimizeEnumeration/>';

export const enumerateOf = (inside: string, resource = `${CLASS}NWG_FilterList`, headers = '') =>
  envelope({ action: `${WSEN}/Enumerate`, resource, headers, body: `<e:Enumerate>${inside}</e:Enumerate>` });
export const pullOf = (context: string, inside = '', headers = '') =>
  envelope({
    action: `${WSEN}/Pull`,
    resource: `${CLASS}NWG_FilterList`,
    headers,
    body: `<e:Pull><e:EnumerationContext>${context}</e:EnumerationContext>${inside}</e:Pull>`,
  });
export const releaseOf = (context: string) =>
  envelope({
    action: `${WSEN}/Release`,
    resource: `${CLASS}NWG_FilterList`,
    body: `<e:Release><e:EnumerationContext>${context}</e:EnumerationContext></e:Release>`,
  });
export const getOf = (selectors: Record<string, string>, resource = `${CLASS}NWG_FilterList`, headers = '') =>
  envelope({ action: `${WXF}/Get`, resource, selectors, headers });

export const contextIn = (text: string) => /<wsen:EnumerationContext>([^<]+)</.exec(text)?.[1] ?? '';
export const namesIn = (text: string) => [...text.matchAll(/<p:Name>([^<]*)</g)].map(([, name]) => name);
export async function open(server: Running, inside = ''): Promise<string> {
  return contextIn((await post(server, enumerateOf(inside))).text);
}

/** Fills the library with many lists. */
export function many(server: Running, count: number): void {
  const [list] = library();
  for (let i = 0; i < count; i += 1)
    server.objects.instances.push({
      ...list!,
      properties: new Map([...list!.properties, ['Name', `many-${i}`]]),
    });
}
