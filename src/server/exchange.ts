/** One request of a known user on its way through the WS-Management service. */
import type { Objects } from '../app/objects.js';
import type { Caller } from '../model/caller.js';
import type { Answer } from '../wsman/answer.js';
import type { Request } from '../wsman/envelope.js';
import type { Text } from '../wsman/text.js';
import type { Contexts } from './contexts.js';
import type { SinkCheck } from './sinks.js';
import type { Subscriptions } from './subscriptions.js';

export interface Exchange {
  readonly request: Request;
  readonly caller: Caller;
  readonly objects: Objects;
  readonly contexts: Contexts;
  readonly subscriptions: Subscriptions;
  /** Where events may be sent. */
  readonly sinks: SinkCheck;
  /** Milliseconds a read may take. */
  readonly patience: number;
  /** Octets of a text in the encoding the answer will have. */
  readonly octets: (text: Text) => number;
}

export interface Operation {
  /** A read can be given up when it takes too long; a change is waited for, as its outcome must be told. */
  readonly reads: boolean;
  /** It takes wsman:FragmentTransfer. */
  readonly fragments?: boolean;
  /** Names of the options it knows; none: none. */
  readonly options?: readonly string[];
  readonly run: (exchange: Exchange) => Promise<Answer>;
}
