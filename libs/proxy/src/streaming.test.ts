/** Responses that take their time reach the client piece by piece, headers first. */

import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { rawClient, startGate, startPod, until } from './loopback-fixture.ts';

describe('streams', () => {
  test('events of a stream arrive one by one, and the headers before the first', async () => {
    const sent: ServerResponse[] = [];
    const upstream = await startPod((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      sent.push(response);
    });
    const { port, server, ends } = await startGate({ ports: [upstream.port] });
    const { socket, seen } = await rawClient(port);
    socket.write('GET /events HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the headers', () => seen.text.includes('text/event-stream'));
    for (const event of ['one', 'two', 'three']) {
      sent[0]?.write(`data: ${event}\n\n`);
      await until(event, () => seen.text.includes(`data: ${event}\n\n`));
    }
    expect(server.inFlight).toBe(1);
    sent[0]?.end();
    await until('the end', () => seen.text.endsWith('0\r\n\r\n'));
    expect(ends).toEqual(['200 answered']);
  });

  test('a body of known length that comes later does not hold its headers back', async () => {
    let finish = () => {};
    const upstream = await startPod((_, response) => {
      response.writeHead(200, { 'content-length': '4' });
      response.flushHeaders();
      finish = () => response.end('late');
    });
    const { port } = await startGate({ ports: [upstream.port] });
    const { socket, seen } = await rawClient(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('the headers', () => seen.text.endsWith('\r\n\r\n'));
    finish();
    await until('the body', () => seen.text.endsWith('late'));
  });
});
