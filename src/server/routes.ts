/** Which path and method is answered by what: a table, and what is said to everything that is not in it. Source: RFC 9110 §9, §15.5. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ServerLog } from './log.js';
import { HttpRefusal, plain } from './reply.js';

/** Answers a request once, or throws: an HttpRefusal has a status of its own, anything else is our fault. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export interface Route {
  readonly get?: Answering;
  readonly post?: Answering;
}

/** By path in lower case, without a slash at the end. */
export type Routes = Readonly<Record<string, Route>>;

export function listener(routes: Routes, elsewhere: string, log: ServerLog): RequestListener {
  const table = new Map(Object.entries(routes));
  return (request, response) => {
    // Most requests are spelt as the table has it.
    const route = table.get(request.url!) ?? table.get(pathOf(request.url!));
    if (!route) return plain(response, 404, elsewhere);
    const answer = methodOf(route, request.method);
    if (!answer) return refuseMethod(response, route);
    void answered(answer, request, response, log);
  };
}

/** HEAD is answered as GET: Node leaves the body out. */
function methodOf(route: Route, method: string | undefined): Answering | undefined {
  if (method === 'POST') return route.post;
  return method === 'GET' || method === 'HEAD' ? route.get : undefined;
}

function refuseMethod(response: ServerResponse, { get, post }: Route): void {
  const allowed = [...(get ? ['GET', 'HEAD'] : []), ...(post ? ['POST'] : [])].join(', ');
  response.setHeader('Allow', allowed);
  plain(response, 405, `use ${allowed}`);
}

async function answered(
  answer: Answering,
  request: IncomingMessage,
  response: ServerResponse,
  log: ServerLog,
): Promise<void> {
  try {
    await answer(request, response);
  } catch (error) {
    if (!(error instanceof HttpRefusal)) log.error({ err: error }, 'an HTTP request failed');
    if (response.headersSent) response.destroy();
    else if (error instanceof HttpRefusal) plain(response, error.status, error.message);
    else plain(response, 500, 'a fault in nwgate itself');
  }
}

/** Of a request's target, which proxies are sent whole (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  return target
    .replace(/^https?:\/\/[^/?#]*/i, '')
    .replace(/[?#].*$/s, '')
    .replace(/\/$/, '')
    .toLowerCase();
}
