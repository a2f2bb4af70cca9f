/** A service to autoscale: `GET /?sleep=100&prime=10000&bloat=5` sleeps, sieves, allocates. */
import { createServer } from 'node:http';
import { readQuestion } from './question.js';
import { bloat, prime, sleep } from './work.js';

const PORT_MAX = 65_535;
const CONNECTIONS_MAX = 10_000;
/** Bodies are not needed; a larger one is cut off with its connection. */
const BODY_BYTES_MAX = 64 * 1024;
/** All requests together may not allocate more than this at a time. */
const BLOAT_TOTAL_MB_MAX = 512;

const usage = 'Ask for work: /?sleep=100&prime=10000&bloat=5 (each of them may be left out).\n';

let bloatTotalMb = 0;
let draining = false;

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} text
 */
function answer(response, status, text) {
  if (draining) response.setHeader('connection', 'close');
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/**
 * Allocates, and counts it as held for as long as it lasts.
 * @param {number} megabytes
 */
async function allocate(megabytes) {
  bloatTotalMb += megabytes;
  try {
    return await bloat(megabytes);
  } finally {
    bloatTotalMb -= megabytes;
  }
}

/**
 * All parts at the same time, told in a fixed order.
 * @param {import('./question.js').Question} question
 * @param {AbortSignal} signal
 */
async function work({ bloat: megabytes = 0, prime: bound = 0, sleep: milliseconds = 0 }, signal) {
  const slept = milliseconds > 0 ? sleep(milliseconds, signal) : '';
  const allocated = megabytes > 0 ? allocate(megabytes) : '';
  const sieved = bound > 0 ? prime(bound) : '';
  return (await Promise.all([allocated, sieved, slept])).join('');
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function handle(request, response) {
  const url = URL.parse(request.url ?? '/', 'http://autoscale');
  if (url === null) return answer(response, 400, 'The address of the request cannot be read.\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return answer(response, 405, `${request.method} is not allowed here; use GET.\n`);
  }
  if (url.pathname === '/healthz') {
    return answer(response, draining ? 503 : 200, draining ? 'draining\n' : 'ok\n');
  }
  const { question, mistakes } = readQuestion(url.searchParams);
  if (mistakes.length > 0) return answer(response, 400, `${mistakes.join('\n')}\n`);
  if (bloatTotalMb + (question.bloat ?? 0) > BLOAT_TOTAL_MB_MAX) {
    response.setHeader('retry-after', '1');
    const text = `Requests hold ${bloatTotalMb} Mb; all together may hold ${BLOAT_TOTAL_MB_MAX}.\n`;
    return answer(response, 503, text);
  }
  if (Object.keys(question).length === 0) return answer(response, 200, usage);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    answer(response, 200, await work(question, gone.signal));
  } catch (error) {
    // The client left: nobody is there to answer.
    if (!gone.signal.aborted) throw error;
  }
}

/**
 * @param {string} reason
 * @returns {never}
 */
function refuseToStart(reason) {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

function readPort() {
  const value = process.env.PORT ?? '8080';
  if (/^\d{1,5}$/.test(value) && Number(value) <= PORT_MAX) return Number(value);
  return refuseToStart(`PORT is ${JSON.stringify(value)}; it must be from 0 to ${PORT_MAX}.`);
}

const host = process.env.HOST ?? '127.0.0.1';
const port = readPort();
const server = createServer((request, response) => {
  let bodyBytes = 0;
  request.on('data', (chunk) => {
    bodyBytes += chunk.length;
    if (bodyBytes > BODY_BYTES_MAX) request.destroy();
  });
  void handle(request, response);
});
server.maxConnections = CONNECTIONS_MAX;
server.on('error', (error) => {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  const hint = code === 'EADDRINUSE' ? 'The port is in use; set PORT to another one.' : '';
  refuseToStart(`Cannot listen on ${host}:${port}: ${error.message}. ${hint}`.trim());
});
server.listen(port, host, () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.stdout.write(`listening on http://${host}:${address.port}\n`);
});

// To end: 1. accept nobody new; 2. finish what has been asked; 3. leave with code 0.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    draining = true;
    server.close(() => process.exit(0));
  });
}
