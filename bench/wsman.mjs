/**
 * What an answer of WS-Management costs the processor, beside what a bare node:http server spends that reads the same request and
 * sends as much back. Run it after `npm run build`: node bench/wsman.mjs [dist] [answers]. Both servers are processes of
 * their own and say themselves how much processor time they used: how busy the machine is matters little.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';

const [, self, ...parameters] = process.argv;
const CONNECTIONS = 16;
const ROUNDS = 5;

if (process.send) await serve(...parameters);
else await measure(...parameters);

/** The child: one kind of server. */
async function serve(kind, dist) {
  const port = kind === 'bare' ? await bare() : await nwgate(dist);
  process.on('message', () => process.send(process.cpuUsage()));
  process.send(port);
}

async function bare() {
  const answers = new Map();
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const size = Number(request.headers['x-answer']);
      if (!answers.has(size)) answers.set(size, 'x'.repeat(size));
      response
        .writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': size })
        .end(answers.get(size));
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return server.address().port;
}

async function nwgate(dist) {
  const { startServer } = await import(`${dist}/server/http.js`);
  const { instance, hostKeys } = await import(`${dist}/cim/views.js`);
  const { pathOfInstance } = await import(`${dist}/cim/path.js`);
  const entry = instance('NWG_IPHeadersFilter', {
    ...hostKeys('host', 'NWG_IPHeadersFilter'),
    Name: 'web:1a2b',
    Action: 2,
    Direction: 1,
    Priority: 500,
    StateMatch: true,
    IsNegated: false,
    HdrIPVersion: 4,
    HdrProtocolID: 6,
    HdrSrcAddress: '10.1.2.0',
    HdrSrcMask: '24',
    HdrDestPortStart: 25,
    HdrDestPortEnd: 25,
    ProtocolElement: 'tcp',
  });
  const unused = () => Promise.reject(new Error('not measured'));
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    version: '0',
    log: { info() {}, warn() {}, error() {} },
    authenticate: async (name) => ({ name, role: 'admin' }),
    objects: {
      get: async () => entry,
      async *enumerate() {
        for (let n = 0; n < 20; n += 1) yield entry;
      },
      pathOf: pathOfInstance,
      watch: () => () => undefined,
      modify: unused,
      create: unused,
      remove: unused,
      invoke: unused,
    },
  });
  return server.port;
}

/** The parent. */
async function measure(dist = resolve(dirname(self), '../dist'), answers = '5000') {
  const [plain, ours] = ['bare', 'nwgate'].map((kind) => fork(self, [kind, resolve(dist)]));
  try {
    const ports = await Promise.all([said(plain), said(ours)]);
    for (const [name, body] of Object.entries(requests())) {
      const size = await answerSize(ports[1], body);
      // Both are warm before anything counts.
      for (const port of ports) await ask(port, body, size, Number(answers));
      const shares = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const [bare, full] = [
          await cost(plain, ports[0], body, size, Number(answers)),
          await cost(ours, ports[1], body, size, Number(answers)),
        ];
        shares.push(bare / full);
      }
      const median = shares.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
      const all = shares.map((share) => share.toFixed(2)).join(' ');
      console.log(`${name.padEnd(12)} a bare server spends ${median.toFixed(2)} of it (${all})`);
    }
  } finally {
    for (const server of [plain, ours]) server.kill();
  }
}

function said(server) {
  return new Promise((ready, failed) => {
    server.once('exit', failed);
    server.once('message', (message) => {
      server.off('exit', failed);
      ready(message);
    });
  });
}

/** Microseconds of the server's processor time for one answer. */
async function cost(server, port, body, size, count) {
  const used = async () => {
    server.send('cpu');
    const { user, system } = await said(server);
    return user + system;
  };
  const before = await used();
  const answers = await ask(port, body, size, count);
  return ((await used()) - before) / answers;
}

function requests() {
  const uri = 'http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/NWG_IPHeadersFilter';
  const wsa = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
  const wsen = 'http://schemas.xmlsoap.org/ws/2004/09/enumeration';
  const message = (
    action,
    selectors,
    body,
  ) => `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${wsa}" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:e="${wsen}">
<s:Header><a:To>http://h:5985/wsman</a:To><a:ReplyTo><a:Address>${wsa}/role/anonymous</a:Address></a:ReplyTo><a:Action s:mustUnderstand="true">${action}</a:Action>
<a:MessageID>uuid:11111111-2222-3333-4444-555555555555</a:MessageID><w:ResourceURI s:mustUnderstand="true">${uri}</w:ResourceURI>${selectors}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
  const keys = {
    SystemCreationClassName: 'NWG_HostSystem',
    SystemName: 'host',
    CreationClassName: 'NWG_IPHeadersFilter',
    Name: 'web:1a2b',
  };
  const set = Object.entries(keys).map(([name, value]) => `<w:Selector Name="${name}">${value}</w:Selector>`);
  return {
    Identify:
      '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>',
    Get: message(
      'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get',
      `<w:SelectorSet>${set.join('')}</w:SelectorSet>`,
      '',
    ),
    Enumerate20: message(
      `${wsen}/Enumerate`,
      '',
      '<e:Enumerate><w:OptimizeEnumeration/><w:MaxElements>20</w:MaxElements></e:Enumerate>',
    ),
  };
}

function asHttp(body, size) {
  const lines = [
    'POST /wsman HTTP/1.1',
    'Host: h',
    `Authorization: Basic ${btoa('ann:x')}`,
    `X-Answer: ${size}`,
    'Content-Type: application/soap+xml;charset=UTF-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

async function answerSize(port, body) {
  const response = await fetch(`http://127.0.0.1:${port}/wsman`, {
    method: 'POST',
    body,
    headers: { Authorization: `Basic ${btoa('ann:x')}`, 'Content-Type': 'application/soap+xml' },
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return Buffer.byteLength(text);
}

/** How many answers came. */
async function ask(port, body, size, count) {
  const request = Buffer.from(asHttp(body, size));
  let answers = 0;
  let asked = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () => {
      const socket = connect(port, '127.0.0.1');
      let left = 0;
      return new Promise((done, failed) => {
        const send = () => {
          if (asked >= count) return socket.end(done);
          asked += 1;
          socket.write(request);
        };
        socket.on('connect', send).on('error', failed);
        socket.on('data', (chunk) => {
          // The head comes first and whole; what is missing of the body is counted.
          if (left === 0) {
            const head = chunk.indexOf('\r\n\r\n') + 4;
            left = Number(/content-length: (\d+)/i.exec(chunk.toString('latin1', 0, head))[1]) + head;
          }
          left -= chunk.length;
          if (left > 0) return;
          answers += 1;
          send();
        });
      });
    }),
  );
  return answers;
}
