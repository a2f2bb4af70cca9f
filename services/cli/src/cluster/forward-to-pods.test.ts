/** The port of this machine: which pod a connection gets, and what happens when there is none. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { forwardToPods } from './forward-to-pods.ts';

/** Says its name, and ends. */
const podNamed = (name: string): PassThrough => {
  const pod = new PassThrough();
  pod.end(`${name} says hello`);
  return pod;
};

const heard = (port: number): Promise<string> =>
  text(connect({ port, host: '127.0.0.1', allowHalfOpen: true }));

it('opens the first connection before anybody asks, and each later one anew', async () => {
  const opened: string[] = [];
  const ready = ['a', 'b'];
  const open = async (name: string) => {
    opened.push(name);
    return podNamed(name);
  };
  const { port, close } = await forwardToPods({ ready: async () => ready, open });
  expect(opened).toEqual(['a']);
  expect(await heard(port)).toBe('a says hello');
  ready.shift();
  expect(await heard(port)).toBe('b says hello');
  expect(opened).toEqual(['a', 'b']);
  await close();
});

it('tries three pods, and then says what the last one said', async () => {
  const tried: string[] = [];
  const open = async (name: string) => {
    tried.push(name);
    throw new Error(`${name} is away`);
  };
  const ready = async () => ['a', 'b', 'c', 'd'];
  await expect(forwardToPods({ ready, open })).rejects.toThrow('c is away');
  expect(tried).toEqual(['a', 'b', 'c']);
});

it('ends a connection that leads nowhere, and every one when it is closed', async () => {
  let isThere = true;
  const ready = async () => {
    if (!isThere) throw new Error('none is ready');
    return ['a'];
  };
  const silent = new PassThrough({ readableHighWaterMark: 0 });
  const { port, close } = await forwardToPods({
    ready,
    open: async () => silent,
  });
  const first = connect(port, '127.0.0.1');
  await once(first, 'connect');
  isThere = false;
  const second = connect(port, '127.0.0.1');
  second.on('error', () => undefined);
  await once(second, 'close');
  expect(first.closed).toBe(false);
  await Promise.all([once(first, 'close'), close()]);
  expect(silent.destroyed).toBe(true);
});
