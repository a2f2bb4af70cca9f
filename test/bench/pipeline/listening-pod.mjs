/** A small program as a pod: answers with the moment at which it began to listen. */
import { createServer } from 'node:http';

let listeningMs = 0;

const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ listeningMs }));
});
server.listen(Number(process.env.PORT), process.env.HOST, () => {
  listeningMs = Number(process.hrtime.bigint()) / 1e6;
});
process.once('SIGTERM', () => server.close(() => process.exit(0)));
