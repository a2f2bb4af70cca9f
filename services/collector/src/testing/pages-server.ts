/** A server of metrics pages for tests: says what it is told to, and writes down who asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PagesServer extends AsyncDisposable {
  readonly port: number;
  /** The text of its page, or the status of an error, or nothing at all. */
  page: string | number | 'silence';
  /** Host and path of every request. */
  readonly asked: string[];
}

export const startPagesServer = async (page: PagesServer['page']): Promise<PagesServer> => {
  const server = createServer((request, response) => {
    told.asked.push(`${request.headers.host}${request.url}`);
    if (told.page === 'silence') return;
    response.statusCode = typeof told.page === 'number' ? told.page : 200;
    response.end(typeof told.page === 'number' ? '' : told.page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const told: PagesServer = {
    port: (server.address() as AddressInfo).port,
    page,
    asked: [],
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return told;
};
