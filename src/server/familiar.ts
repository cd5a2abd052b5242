/**
 * What was read of messages that may come again: managers poll, and say the same each time but for the MessageID. A message is
 * familiar when an earlier one had every other character of it; reading it again would give the same.
 */
import type { Request } from '../wsman/envelope.js';
import { Recent } from './recent.js';

/** An Identify has no addressing that an answer would need. */
export type Asked = Request | 'Identify';

/** How many are kept, the ones asked last, and how many characters they may have: some megabytes in all. */
const MOST = 500;
const LONGEST = 4096;

const NAME = 'MessageID';
/** An identifier of characters that mean nothing to XML. */
const PLAIN = /^[\w:.{}-]{1,128}$/;

interface Shape {
  /** The message without its identifier. */
  readonly rest: string;
  readonly id: string | undefined;
}

export class Familiar {
  /** By their text without the identifier. */
  readonly #kept = new Recent<string, Asked>(MOST);

  /** What the message asks, with its own identifier; undefined when it must be read. */
  recall(text: string): Asked | undefined {
    const { rest, id } = shapeOf(text);
    const known = this.#kept.get(rest);
    // A request whose identifier cannot be told apart may be one without any.
    if (known === undefined || (known !== 'Identify' && id === undefined)) return undefined;
    if (known === 'Identify') return known;
    return { ...known, addressing: { ...known.addressing, messageId: id } };
  }

  remember(text: string, asked: Asked): void {
    if (text.length > LONGEST) return;
    const { rest, id } = shapeOf(text);
    // What looked like the identifier may have been a comment, a text, or a header of somebody else's.
    if (asked !== 'Identify' && asked.addressing.messageId !== id) return;
    this.#kept.set(rest, asked);
  }
}

/** Only where the name stands twice, in a start tag and an end tag, is what is between them surely the identifier. */
function shapeOf(text: string): Shape {
  const first = text.indexOf(NAME);
  const begin = text.indexOf('>', first) + 1;
  const end = text.indexOf('</', begin);
  const second = text.indexOf(NAME, end);
  const id = text.slice(begin, end);
  const surely = first >= 0 && second === text.lastIndexOf(NAME) && second > first && PLAIN.test(id);
  return surely ? { rest: text.slice(0, begin) + text.slice(end), id } : { rest: text, id: undefined };
}
