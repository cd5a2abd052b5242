/** Which encoding a request is in, and writing the answer in the same. Source: DSP0226 R13.1-5, RFC 3023 §3. */

import { soapFault } from '../wsman/faults.js';
import { joined, type Text, utf8Length } from '../wsman/text.js';
import { decodeXml } from '../xml/parse.js';

export interface Encoding {
  /** What goes behind `charset=`. */
  readonly label: string;
  /** Of a WS-Management answer. */
  readonly contentType: string;
  readonly octets: (text: Text) => number;
  /** What to send: text is sent as UTF-8. */
  readonly write: <T extends Text>(text: T) => T | Buffer;
}

const UTF_8: Encoding = {
  label: 'UTF-8',
  contentType: 'application/soap+xml;charset=UTF-8',
  octets: utf8Length,
  write: (text) => text,
};

/** Little endian behind a byte order mark, as WinRM sends it. */
const UTF_16: Encoding = {
  label: 'UTF-16',
  contentType: 'application/soap+xml;charset=UTF-16',
  octets: (text) => 2 + 2 * joined(text).length,
  write: (text) => Buffer.from(`\ufeff${joined(text)}`, 'utf16le'),
};

/** Encodings a Content-Type may name: for these the document's own marks say the rest, but for those of one octet each. */
const KNOWN = ['utf-8', 'utf8', 'us-ascii', 'iso-8859-1', 'utf-16', 'utf-16le', 'utf-16be'];
const ONE_OCTET = ['us-ascii', 'iso-8859-1'];

/** By its first octets: a byte order mark, or a `<` in two octets. */
export function encodingOf(document: Uint8Array): Encoding {
  const [first, second] = document;
  const wide =
    (first === 0xfe && second === 0xff) ||
    (first === 0xff && second === 0xfe) ||
    (first === 0 && second === 0x3c) ||
    (first === 0x3c && second === 0);
  return wide ? UTF_16 : UTF_8;
}

/** The text of a message. `charset` is the Content-Type's, in lower case. Faults: EncodingLimit/CharacterSet. */
export function decodeMessage(document: Uint8Array, charset: string | undefined): string {
  const refuse = (reason: string, cause?: unknown) =>
    soapFault('wsman:EncodingLimit', 'CharacterSet', reason, { cause });
  if (charset !== undefined && !KNOWN.includes(charset))
    throw refuse(`the character set ${charset} is not supported`);
  try {
    return charset !== undefined && ONE_OCTET.includes(charset)
      ? new TextDecoder(charset).decode(document)
      : decodeXml(document, {});
  } catch (cause) {
    throw refuse('the message is not in the encoding it claims', cause);
  }
}

/** The encoding of a name such as `UTF-8`, in any case; undefined where we cannot write it. */
export function encodingNamed(name: string): Encoding | undefined {
  return [UTF_8, UTF_16].find(({ label }) => label === name.toUpperCase());
}
