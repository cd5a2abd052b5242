/** What a port's rules do with a frame: nothing is touched, and no kernel is asked. */
import { z } from 'zod';
import { type Circumstances, type Explanation, explain, PEERS, WAYS } from '../compiler/explain.js';
import type { Question } from '../compiler/explain-seen.js';
import type { Met } from '../compiler/explain-walk.js';
import { fail, formatPlace } from '../model/errors.js';
import { printable } from '../model/names.js';
import { STATES } from '../packet/conntrack.js';
import { describeFrame } from '../packet/describe.js';
import { decodeFrame } from '../packet/frame.js';
import { type Ends, readFrame } from '../packet/syntax.js';
import type { CompileRequest, Gateway } from './api.js';
import { MOST_FRAMES } from './choices.js';
import { operation, PARAMETERS } from './operation.js';

/** MAC addresses of frames that name none, where the binding has none either. */
const GUEST_MAC = '52:54:00:00:00:01';
const OTHER_MAC = '52:54:00:00:00:02';
/** A port for filters that are tried without one. */
const SOME_PORT = 'vnet0';

const EXPLAIN = z.strictObject({
  /** Left out: the port's binding says filter, MAC and parameters. */
  filter: z.union([z.string(), z.strictObject({ document: z.string(), source: z.string() })]).optional(),
  port: z.string().optional(),
  mac: z.string().optional(),
  parameters: PARAMETERS,
  direction: z.enum(WAYS),
  peer: z.enum(PEERS).default('network'),
  /** Each readable or hexadecimal (src/packet/syntax.ts). */
  frames: z.array(z.string()).min(1).max(MOST_FRAMES),
  state: z.enum(STATES).optional(),
  reply: z.boolean().default(false),
  sets: z.array(z.strictObject({ name: z.string(), holds: z.boolean() })).default([]),
  connections: z.number().int().min(0).optional(),
  /** Also the rules that the frame did not meet. */
  all: z.boolean().default(false),
});

/** A rule that the frame came to, as JSON shows it. */
export interface ShownRule extends Omit<Met, 'place' | 'failed'> {
  readonly place: string | null;
  readonly failed: string | null;
}

export interface Explained {
  /** In words, whatever it was given in. */
  readonly frame: string;
  readonly verdict: Explanation['verdict'];
  readonly why: string | null;
  /** The native rule that decided, or that was met last of those that let it pass; null where none did. */
  readonly decidedBy: string | null;
  readonly connection: {
    readonly state: string;
    readonly reply: boolean;
    readonly why: string | null;
  } | null;
  readonly rules: readonly ShownRule[];
  readonly depends: {
    readonly on: string;
    readonly yes: Explained | null;
    readonly no: Explained | null;
  } | null;
}

export const EXPLAIN_OPERATIONS = {
  explain: operation('reader', EXPLAIN, ({ gateway }, input): readonly Explained[] => {
    const request = requestOf(gateway, input);
    const ruleset = gateway.compile(request);
    const guest = request.mac ?? GUEST_MAC;
    const ends: Ends =
      input.direction === 'out'
        ? { source: guest, destination: OTHER_MAC }
        : { source: OTHER_MAC, destination: guest };
    const circumstances: Circumstances = {
      direction: input.direction,
      peer: input.peer,
      state: input.state,
      reply: input.reply,
      known: {
        sets: new Map(input.sets.map(({ name, holds }) => [name, holds])),
        connections: input.connections,
      },
    };
    return input.frames.map((text) => {
      const frame = decodeFrame(readFrame(text, ends));
      return shown(describeFrame(frame), explain(ruleset, frame, circumstances), input.all);
    });
  }),
};

function requestOf(gateway: Gateway, input: z.infer<typeof EXPLAIN>): CompileRequest {
  const { filter, port, mac, parameters } = input;
  if (filter !== undefined) return { filter, port: port ?? SOME_PORT, mac, parameters };
  if (port === undefined) throw fail('USAGE', 'a port or a filter is needed');
  const bound = gateway.bindings().find((binding) => binding.port === port);
  if (bound === undefined) throw fail('BINDING_NOT_FOUND', `nothing is bound to port ${printable(port)}`);
  return {
    filter: bound.filter,
    port,
    mac: mac ?? bound.mac,
    parameters: [...bound.parameters, ...parameters],
  };
}

function shown(frame: string, explanation: Explanation, all: boolean): Explained {
  const { verdict, why, connection, met, depends } = explanation;
  const last = met.findLast(
    ({ failed, place }) => failed === undefined && (verdict !== 'accept' || place !== undefined),
  );
  const decided = why === undefined && verdict !== 'depends';
  const inner = (each: Explanation | undefined) => (each === undefined ? null : shown(frame, each, all));
  return {
    frame,
    verdict,
    why: why ?? null,
    decidedBy: decided ? formatPlace(last?.place) || null : null,
    connection: connection ? { ...connection, why: connection.why ?? null } : null,
    rules: met
      .filter(({ failed }) => all || failed === undefined)
      .map(({ place, failed, ...rule }) => ({
        ...rule,
        place: formatPlace(place) || null,
        failed: failed ?? null,
      })),
    depends: depends ? { on: told(depends.on), yes: inner(depends.yes), no: inner(depends.no) } : null,
  };
}

function told(question: Question): string {
  return question.ask === 'set'
    ? `IP set ${question.set} holds its ${question.flags}`
    : `there are more than ${question.limit} connections`;
}
