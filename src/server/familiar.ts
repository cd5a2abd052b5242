/**
 * What was read of messages that may come again: managers poll, and say the same each time but for the MessageID. A message is
 * familiar when an earlier one had every other character of it; reading it again would give the same.
 */
import type { Request } from '../wsman/envelope.js';
import { Recent } from './recent.js';

/** An Identify has no addressing that an answer would need. */
export type Asked = Request | 'Identify';

/** How many are kept at least, and how many characters they may have: some megabytes in all. */
const MOST = 250;
const LONGEST = 4096;

const NAME = 'MessageID';
/** An identifier of characters that mean nothing to XML. */
const PLAIN = /^[\w:.{}-]{1,128}$/;

interface Shape {
  /** The message without its identifier, and how long that is: it moves what stands behind it, and errors say where things stand. */
  readonly rest: string;
  readonly id: string | undefined;
}

export class Familiar {
  /** By the text without the identifier, and by the whole text where that cannot be told apart. */
  readonly #named = new Recent<string, Asked>(MOST);
  readonly #whole = new Recent<string, Asked>(MOST);

  /** What the message asks, with its own identifier; undefined when it must be read. */
  recall(text: string): Asked | undefined {
    const { rest, id } = shapeOf(text);
    if (id === undefined) return this.#whole.get(rest);
    const known = this.#named.get(rest);
    if (known === undefined || known === 'Identify') return known;
    return { ...known, addressing: { ...known.addressing, messageId: id } };
  }

  remember(text: string, asked: Asked): void {
    if (text.length > LONGEST) return;
    const { rest, id } = shapeOf(text);
    (id === undefined ? this.#whole : this.#named).set(rest, asked);
  }
}

/**
 * Of a message that can be read. Where the name stands twice, around a plain word, that is the identifier: a request has it in a start
 * tag and an end tag, and there is no third that either of them could be.
 */
function shapeOf(text: string): Shape {
  const first = text.indexOf(NAME);
  const begin = text.indexOf('>', first) + 1;
  const end = text.indexOf('</', begin);
  const second = text.indexOf(NAME, end);
  const id = text.slice(begin, end);
  const surely = second === text.lastIndexOf(NAME) && second > first && PLAIN.test(id);
  return surely
    ? { rest: `${id.length} ${text.slice(0, begin)}${text.slice(end)}`, id }
    : { rest: text, id: undefined };
}
