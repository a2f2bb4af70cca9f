/** Which Flyball is meant: options before the environment, and no password in any sentence. */
import { describe, expect, it } from 'vitest';
import { logSourceOf } from './log-source.ts';

const none = { user: undefined, password: undefined };

describe('which Flyball', () => {
  it('is that of the usual data folder when nothing is said', () => {
    expect(logSourceOf({}, {})).toEqual({ kind: 'data', folder: '.flyball' });
  });

  it('is what the options say, then FLYBALL_DATA, then FLYBALL_NATS_URL', () => {
    const env = { FLYBALL_DATA: 'mine', FLYBALL_NATS_URL: 'nats://far:4222' };
    expect(logSourceOf({ data: 'given' }, env)).toEqual({ kind: 'data', folder: 'given' });
    expect(logSourceOf({ nats: 'near' }, env)).toMatchObject({ servers: ['nats://near'] });
    expect(logSourceOf({}, env)).toEqual({ kind: 'data', folder: 'mine' });
    expect(logSourceOf({}, { ...env, FLYBALL_DATA: '' })).toEqual({
      ...{ kind: 'nats', servers: ['nats://far:4222'], login: none },
    });
  });

  it('is that of a cluster, by the names that its manifests give', () => {
    expect(logSourceOf({ cluster: true }, { FLYBALL_NATS_PASSWORD: 'word' })).toEqual({
      ...{ kind: 'cluster', kubeconfig: '', context: undefined, namespace: 'flyball-system' },
      login: { user: undefined, password: 'word' },
    });
  });
});

describe('a NATS URL', () => {
  const env = { FLYBALL_NATS_USER: 'ana', FLYBALL_NATS_PASSWORD: 'from-env' };

  it('may have who asks in it, before the environment', () => {
    expect(logSourceOf({ nats: 'nats://bo:p%40ss@a:4222,tls://b:4223' }, env)).toEqual({
      kind: 'nats',
      servers: ['nats://a:4222', 'tls://b:4223'],
      login: { user: 'bo', password: 'p@ss' },
    });
    expect(logSourceOf({ nats: 'nats://a:4222' }, env)).toMatchObject({
      login: { user: 'ana', password: 'from-env' },
    });
  });

  it.each([
    ['http://u:secret@a:80', '--nats is no URL of NATS; allowed: nats://HOST:PORT'],
    ['nats://u:secret@a/path', '--nats is no URL of NATS; allowed: nats://HOST:PORT'],
    ['nats://u:se/cret@a', '--nats is no URL of NATS; allowed: nats://HOST:PORT'],
    ['', '--nats is no URL of NATS; allowed: nats://HOST:PORT'],
  ])('%s is refused without its words', (nats, sentence) => {
    const refused = logSourceOf({ nats }, {});
    expect(refused).toContain(sentence);
    expect(refused).not.toMatch(/secret|cret@/);
  });
});
