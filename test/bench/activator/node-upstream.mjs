/** Answers every request with 100 bytes on each of the ports given: the upstream without Go. */
import { createServer } from 'node:http';

const body = 'x'.repeat(100);
for (const port of process.argv.slice(2)) {
  const answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
    response.end(body);
  };
  createServer(answer).listen(Number(port), '127.0.0.1');
}
