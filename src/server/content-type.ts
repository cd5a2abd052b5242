/** The media type of a request. Source: RFC 9110 §8.3, SOAP 1.2 part 2 §7.1. */

import { Recent } from './recent.js';

export interface MediaType {
  /** Lower case. */
  readonly type: string;
  /** Lower case; undefined when not given. */
  readonly charset: string | undefined;
}

/** What clients send; each sends the same every time. */
const known = new Recent<string, MediaType>(100);

/** Parameters in any order, case and quoting; no header at all is `undefined`. */
export function readContentType(header: string | undefined): MediaType | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const found = known.get(header);
  if (found) return found;
  const read = mediaType(header);
  known.set(header, read);
  return read;
}

function mediaType(header: string): MediaType {
  const text = header.toLowerCase();
  const end = text.indexOf(';');
  if (end < 0) return { type: text.trim(), charset: undefined };
  const charset = CHARSET.exec(text)?.[1];
  return { type: text.slice(0, end).trim(), charset: charset?.trim().replace(/^"(.*)"$/, '$1') };
}

const CHARSET = /;[ \t]*charset[ \t]*=([^;=]*)/;

const SOAP_TYPES = ['application/soap+xml', 'text/xml', 'application/xml'];

/** What `fetch` and `curl -d` label a body with when nobody says what it is. */
const DEFAULT_TYPES = ['text/plain', 'application/x-www-form-urlencoded'];

/**
 * True for what a SOAP message may be labelled. Clients exist that give no label, or their tool's default one. A page in a
 * browser could send a default one across sites with the user's stored credentials; browsers then name the `origin`.
 */
export function isSoap(type: MediaType | undefined, origin: string | undefined): boolean {
  if (type === undefined || DEFAULT_TYPES.includes(type.type)) return origin === undefined;
  return SOAP_TYPES.includes(type.type);
}
