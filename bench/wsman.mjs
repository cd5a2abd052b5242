/**
 * The network path: the whole program behind WS-Management, beside a bare node:http server that reads the same requests and
 * answers the same octets. Each server is a process, this one makes the load, on loopback only; rounds of both alternate.
 */
import { fork, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { fill, serve, withState } from './gateway.mjs';
import { median, seconds } from './measure.mjs';
import { built, DIST, lacksKernel, tcpFilter } from './world.mjs';

const { writeFilter } = await built('xml/nwfilter-write.js');

const SELF = fileURLToPath(import.meta.url);
const FILTERS = 1000;
const ROUNDS = 3;
/** Seconds of load in a round: long enough that what waits for its connection, as Node takes one a turn, is not one in a hundred. */
const SPAN = 2;
/** Requests until everything that is called often is compiled. */
const WARM = { amount: 5000 };
const PAGE = 100;

const WSA = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const WSEN = 'http://schemas.xmlsoap.org/ws/2004/09/enumeration';
const CLASS = 'http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/';
const ENTRY = `${CLASS}NWG_IPHeadersFilter`;
const AUTHORIZATION = `Basic ${btoa('bench:bench-password')}`;
const IDENTIFY =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>';

function message(action, body, selectors = '') {
  return `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${WSA}" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:e="${WSEN}">
<s:Header><a:To>http://h:5985/wsman</a:To><a:ReplyTo><a:Address>${WSA}/role/anonymous</a:Address></a:ReplyTo><a:Action s:mustUnderstand="true">${action}</a:Action>
<a:MessageID>uuid:11111111-2222-3333-4444-555555555555</a:MessageID><w:ResourceURI s:mustUnderstand="true">${ENTRY}</w:ResourceURI>${selectors}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

const enumerate = (items, filter = '') =>
  message(
    `${WSEN}/Enumerate`,
    `<e:Enumerate>${filter}<w:OptimizeEnumeration/><w:MaxElements>${items}</w:MaxElements></e:Enumerate>`,
  );
/** The rules of one list, as a manager asks for them. */
const rulesOf = (list) =>
  `<w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"><b:AssociatedInstances xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"><b:Object><a:Address>${WSA}/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>${CLASS}NWG_FilterList</w:ResourceURI><w:SelectorSet><w:Selector Name="Name">${list}</w:Selector></w:SelectorSet></a:ReferenceParameters></b:Object><b:AssociationClassName>NWG_EntriesInFilterList</b:AssociationClassName></b:AssociatedInstances></w:Filter>`;
const pull = (context) =>
  message(
    `${WSEN}/Pull`,
    `<e:Pull><e:EnumerationContext>${context}</e:EnumerationContext><e:MaxElements>${PAGE}</e:MaxElements></e:Pull>`,
  );

/** Each asks with the headers of a client that has logged in; the first rule of the first filter is the one that is got. */
const REQUESTS = {
  'Identify, unauthenticated': { body: IDENTIFY, headers: { WSMANIDENTIFY: 'unauthenticated' } },
  Identify: { body: IDENTIFY },
  Get: { body: undefined },
  'Enumerate 20': { body: enumerate(20, rulesOf('twenty')) },
};

const headersOf = (more = { Authorization: AUTHORIZATION }) => ({
  'Content-Type': 'application/soap+xml;charset=UTF-8',
  ...more,
});

if (process.argv[1] === SELF && process.send) bare();

/** The reference, in a process of its own: told what to answer. */
function bare() {
  let answer = '';
  const server = createServer((incoming, response) => {
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const length = Buffer.byteLength(answer);
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': length }).end(answer);
    });
  });
  process.on('message', (text) => {
    answer = text;
    process.send('ready');
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

const told = (child) => new Promise((resolve) => child.once('message', resolve));

/** The gateway with its filters and the bare server; what they are is made once for all rows. */
async function withServers(work) {
  return withState(async (state) => {
    const add = ['--state', state, 'user', 'add', 'bench', '--role', 'admin', '--password-stdin'];
    spawnSync(process.execPath, [join(DIST, 'cli/main.js'), ...add], { input: 'bench-password\n' });
    const gateway = await serve(state, 'dry-run');
    const reference = fork(SELF, { execArgv: [] });
    try {
      const port = await told(reference);
      await fill(gateway.call, FILTERS, 0);
      await gateway.call('define', { document: writeFilter(tcpFilter(20, 9, 'twenty')) });
      return await work({ ours: gateway, bare: { pid: reference.pid, port, process: reference } });
    } finally {
      reference.kill();
      await gateway.stop();
    }
  });
}

/** The body of one answer, as text. */
const ask = async (...request) => Buffer.concat(await pieces(...request)).toString();

/** The body of one answer, as it came. */
function pieces(port, { body, headers }, agent) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path: '/wsman', method: 'POST', headers: headersOf(headers), agent },
      (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(chunks);
          else reject(new Error(`status ${answer.statusCode}: ${Buffer.concat(chunks)}`));
        });
      },
    );
    outgoing.on('error', reject).end(body);
  });
}

/** A Get of the first entry there is. */
async function firstEntry(port) {
  const text = await ask(port, { body: enumerate(1) });
  const keys = ['SystemCreationClassName', 'SystemName', 'CreationClassName', 'Name'].map((name) => {
    const value = new RegExp(`<p:${name}>([^<]*)<`).exec(text)[1];
    return `<w:Selector Name="${name}">${value}</w:Selector>`;
  });
  const set = `<w:SelectorSet>${keys.join('')}</w:SelectorSet>`;
  return message('http://schemas.xmlsoap.org/ws/2004/09/transfer/Get', '', set);
}

/** Seconds of processor time a process has used. */
function processorTime(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

/** Load for a while, or of so many requests, on connections that stay. */
async function kept({ port }, { body, headers }, connections, length = { duration: SPAN }) {
  const url = `http://127.0.0.1:${port}/wsman`;
  const load = { url, method: 'POST', body, headers: headersOf(headers), connections, ...length };
  const { non2xx, errors, requests, latency, duration } = await autocannon(load);
  if (non2xx + errors > 0) throw new Error(`${non2xx} refusals and ${errors} errors of ${requests.total}`);
  return { count: requests.total, took: duration, p50: latency.p50, p99: latency.p99 };
}

/** The same with a connection for each request, so many at once. */
async function fresh({ port }, asked, connections) {
  const waits = [];
  const end = Date.now() + SPAN * 1000;
  const took = await seconds(() =>
    Promise.all(
      Array.from({ length: connections }, async () => {
        while (Date.now() < end) waits.push(await seconds(() => ask(port, asked, false)));
      }),
    ),
  );
  waits.sort((a, b) => a - b);
  const at = (share) => Math.round(waits[Math.floor(waits.length * share)] * 1e4) / 10;
  return { count: waits.length, took, p50: at(0.5), p99: at(0.99) };
}

async function loaded(server, asked, connections, keepAlive) {
  const before = processorTime(server.pid);
  const { count, took, p50, p99 } = await (keepAlive ? kept : fresh)(server, asked, connections);
  return { rate: count / took, spent: (processorTime(server.pid) - before) / count, p50, p99 };
}

/** Both servers under the same load, in turn. */
async function side(name, connections, keepAlive) {
  return withServers(async ({ ours, bare }) => {
    const asked = { ...REQUESTS[name] };
    asked.body ??= await firstEntry(ours.port);
    bare.process.send(await ask(ours.port, asked));
    await told(bare.process);
    const [mine, theirs] = [[], []];
    for (const server of [ours, bare]) await kept(server, asked, 8, WARM);
    for (let round = 0; round < ROUNDS; round += 1) {
      mine.push(await loaded(ours, asked, connections, keepAlive));
      theirs.push(await loaded(bare, asked, connections, keepAlive));
    }
    const of = (list, key) => median(list.map((each) => each[key]));
    const cost = (list) => `${(of(list, 'spent') * 1e6).toFixed(0)} µs`;
    return {
      ours: of(mine, 'rate'),
      reference: of(theirs, 'rate'),
      ratio: median(mine.map(({ rate }, index) => rate / theirs[index].rate)),
      p50: of(mine, 'p50'),
      p99: of(mine, 'p99'),
      note: `p50 ${of(mine, 'p50')} ms, p99 ${of(mine, 'p99')} ms; ${cost(mine)} of processor time each, bare ${cost(theirs)}`,
    };
  });
}

const CONTEXT = Buffer.from('<wsen:EnumerationContext>');

/** The context to pull more with. It stands before the items, so what came first has it. */
function contextOf([first]) {
  const start = first.indexOf(CONTEXT) + CONTEXT.length;
  return first.toString('latin1', start, first.indexOf('<', start));
}

/** Walks over all entries, a page at a time, giving each page to `see`. */
async function walkOver(port, agent, see) {
  let page = await pieces(port, { body: enumerate(PAGE) }, agent);
  for (;;) {
    see(page);
    if (!page[0].includes(CONTEXT)) return;
    page = await pieces(port, { body: pull(contextOf(page)) }, agent);
  }
}

const lengthOf = (page) => page.reduce((sum, { length }) => sum + length, 0);

/**
 * Items a second of walks over all entries, so many at once. The first walk makes the objects, is told apart, and its items are counted;
 * walks after it must bring as many octets, so that the load is not busy with counting.
 */
async function walk(connections) {
  return withServers(async ({ ours }) => {
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    let items = 0;
    let octets = 0;
    const first = await seconds(() =>
      walkOver(ours.port, agent, (page) => {
        items += Buffer.concat(page).toString().split('</p:NWG_IPHeadersFilter>').length - 1;
        octets += lengthOf(page);
      }),
    );
    const again = async () => {
      let seen = 0;
      await walkOver(ours.port, agent, (page) => {
        seen += lengthOf(page);
      });
      if (seen !== octets) throw new Error(`a walk brought ${seen} octets, the first one ${octets}`);
    };
    const walks = () => Promise.all(Array.from({ length: connections }, again));
    for (let pages = 0; pages < WARM.amount; pages += (connections * items) / PAGE) await walks();
    const rates = [];
    for (let round = 0; round < ROUNDS; round += 1)
      rates.push((connections * items) / (await seconds(walks)));
    agent.destroy();
    return { ours: median(rates), note: `the first walk, with all transforms: ${first.toFixed(1)} s` };
  });
}

const REACH = {
  'Identify, unauthenticated': 0.5,
  Identify: 0.5,
  Get: 0.35,
};

const under = ({ size, p50, p99 }) => size !== 64 || p99 <= 10 * p50;

/** Every request with connections that stay and with one for each. */
const loads = Object.keys(REQUESTS).flatMap((name) =>
  [true, false].map((keepAlive) => {
    const least = keepAlive ? REACH[name] : undefined;
    return {
      name: `WS-Management ${name}${keepAlive ? '' : ', a connection each'}`,
      sizes: [1, 8, 64],
      unit: '/s',
      reach: `${least === undefined ? '' : `≥ ${least} × bare, `}p99 at 64 ≤ 10 × p50`,
      met: (figures) => under(figures) && (least === undefined || figures.ratio >= least),
      lacks: lacksKernel,
      run: (connections) => side(name, connections, keepAlive),
    };
  }),
);

export const wsmanRows = [
  ...loads,
  {
    name: 'WS-Management walk of 10,000 entries, pages of 100',
    sizes: [1, 8, 64],
    unit: 'items/s',
    reach: '≥ 50,000 items/s',
    met: ({ ours }) => ours >= 50_000,
    lacks: lacksKernel,
    run: walk,
  },
];
