/** What keeps a client or a pod from ending the process, or half a request from looking whole. */
import { inFile, type MutationGroup } from '../mutation.ts';

const inServer = inFile('libs/proxy/src/node-server.ts');
const inAnswer = inFile('libs/proxy/src/answer.ts');
const inBody = inFile('libs/proxy/src/request-body.ts');
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
        'libs/proxy/src/server-drain.test.ts',
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
    inFile('libs/proxy/src/http1-client.ts')(
      'survival',
      'a request behind others outlives its connection',
      "socket.setMaxListeners(0).once('close', listener);",
      '',
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
