/** What keeps a client or a pod from ending the process, or half a request from looking whole. */
import { inFile, type MutationGroup } from '../mutation.ts';

const inServer = inFile('libs/proxy/src/node-server.ts');
const inAnswer = inFile('libs/proxy/src/answer.ts');
const inBody = inFile('libs/proxy/src/request-body.ts');
const inTurns = inFile('libs/proxy/src/turns.ts');
const inTrailers = inFile('libs/proxy/src/http2-trailers.ts');
const inProbe = inFile('services/queue-proxy/src/readiness.ts');

export const hostilePeers: MutationGroup = {
  name: 'hostile-peers',
  about: 'whatever a client or a pod sends ends its own request at most',
  runs: [
    {
      project: 'story',
      files: [
        'libs/proxy/src/survival.test.ts',
        'libs/proxy/src/request-body.test.ts',
        'libs/proxy/src/pod-faults.test.ts',
        'libs/proxy/src/server-drain.test.ts',
        'libs/proxy/src/turns.test.ts',
        'services/queue-proxy/src',
      ],
    },
  ],
  mutations: [
    inServer(
      'survival',
      'an upgrade takes a connection that owes an answer',
      'return !bodyToCome(request) && openResponseOf(request.socket) === null;',
      'return !bodyToCome(request);',
    ),
    inServer(
      'survival',
      'what stands behind a declined upgrade is read from its middle',
      '(bodyToCome(request) || !cameAlone(request))',
      'bodyToCome(request)',
    ),
    inServer(
      'survival',
      'what stands behind the body of a declined upgrade is read from its middle',
      '(bodyToCome(request) || !cameAlone(request))',
      '!cameAlone(request)',
    ),
    inServer(
      'survival',
      'a CONNECT is answered in the middle of another answer',
      'if (openResponseOf(socket) !== null) {',
      'if (openResponseOf(socket) === undefined) {',
    ),
    inServer(
      'turns',
      'what is malformed is answered in the place of the request before',
      '(open.headersSent || open.req.complete)',
      'open.headersSent',
    ),
    inFile('libs/proxy/src/response-head.ts')(
      'codings',
      'a coded answer is passed on as if it were plain',
      "lower === 'transfer-encoding')",
      "lower === 'transfer-coding')",
    ),
    inTurns(
      'turns',
      'what a client sends ahead is handed over at once',
      'if (response.socket !== null) begin',
      'if (response.socket !== undefined) begin',
    ),
    inTurns(
      'turns',
      'any number of requests of one connection may wait',
      'if (ahead >= waitingMax) {',
      'if (ahead > 1e9) {',
    ),
    inTurns(
      'turns',
      'who had a turn still counts as one that waits',
      'waiting.set(socket, (waiting.get(socket) ?? 1) - 1);',
      '',
    ),
    inTurns(
      'turns',
      'a turn is given to whom no answer can reach',
      'if (!socket.destroyed) begin(request, response);',
      'begin(request, response);',
    ),
    inAnswer(
      'survival',
      'nobody hears a connection break while it is told a refusal',
      "socket.on('error', () => socket.destroy());",
      '',
    ),
    inTrailers(
      'survival',
      'what HTTP/2 says of trailers is thrown on',
      'if (!isHeaderFault(error)) throw error;',
      'throw error;',
    ),
    inFile('libs/proxy/src/http2-request.ts')(
      'survival',
      'a client is not told that its trailers cannot be sent',
      'if (fault !== null) this.#fail',
      'if (fault === undefined) this.#fail',
    ),
    inBody(
      'whole-bodies',
      'a body that was broken off ends like a whole one',
      "if (!this.#request.aborted) this.emit('end');",
      "this.emit('end');",
    ),
    inBody(
      'whole-bodies',
      'the end of a body that was read before is waited for',
      'if (request.readableEnded) {',
      'if (request.readableEnded && this.bytes > 0) {',
    ),
    inBody(
      'time-limits',
      'a body that stops is waited for for ever',
      'this.#expectMore();\n    this.#request.resume();',
      'this.#request.resume();',
    ),
    inBody(
      'time-limits',
      'a pod that is slow takes the time limit from a client that does not read',
      'clearTimeout(this.#silence);\n    this.#request.pause();',
      '(this.#request as any).socket?.setTimeout(0);\n    this.#request.pause();',
    ),
    inBody(
      'survival',
      'an upload that was answered early leaves a listener behind',
      "    socket.off('close', stop);\n",
      '',
    ),
    inFile('libs/proxy/src/exchange.ts')(
      'drain',
      'a failure keeps its connection while the server ends',
      'if (this.#core.draining || this.#core.ending) client.closeAfter();\n    client.refuse',
      'client.refuse',
    ),
    inFile('libs/proxy/src/server-drain.ts')(
      'drain',
      'who has begun a head keeps the drain until its grace is over',
      'halfHeads && hasNoRequest(socket)',
      'halfHeads && socket.destroyed',
    ),
    inFile('libs/proxy/src/server-drain.ts')(
      'drain',
      'first bytes that are on their way are cut off',
      'server.close(() => {',
      'closeIdle(false);\n      server.close(() => {',
    ),
    inProbe(
      'survival',
      'a probe that node will not send ends the queue-proxy',
      '.catch(() => false);',
      ';',
    ),
    inProbe(
      'readiness',
      'a lost pod is left alone for its initial delay',
      'startDelayMs = 0;',
      'startDelayMs += 0;',
    ),
  ],
};
