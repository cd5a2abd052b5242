/** The words of a readable frame, taken one after the other; what is wrong with them is collected. */
import type { Fault } from '../model/errors.js';
import { printable } from '../model/names.js';

export interface Expected<T> {
  /** Completes "… must be". */
  readonly expects: string;
  readonly parse: (text: string) => T | undefined;
}

export class Cursor {
  readonly faults: Fault[] = [];
  readonly #words: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#words = text.split(/\s+/).filter((word) => word !== '');
  }

  get peek(): string | undefined {
    return this.#words[this.#next];
  }

  skip(): void {
    this.#next += 1;
  }

  /** Takes the next word; undefined, and a fault, when it is not what it must be. */
  take<T>(expected: Expected<T>): T | undefined {
    const word = this.peek;
    const value = word === undefined ? undefined : expected.parse(word);
    if (value === undefined) this.complain(`must be ${expected.expects}`);
    this.#next += 1;
    return value;
  }

  /** Takes the next word if it is one of these. */
  maybe<T>(expected: Expected<T>): T | undefined {
    const value = this.peek === undefined ? undefined : expected.parse(this.peek);
    if (value !== undefined) this.#next += 1;
    return value;
  }

  /** A fault of the word that is next. */
  complain(what: string): void {
    const word = this.peek;
    const where =
      word === undefined ? 'the frame ends where a word' : `word ${this.#next + 1}, "${printable(word)}",`;
    this.faults.push({ code: 'VALUE', message: `${where} ${what}` });
  }
}
