/** The console is reached by a port-forward and by its Service, also while NATS is away. */
import { describe, expect, it } from 'vitest';
import { objectsOf, overlays, servicesOf } from './rendered-overlay.ts';

describe.each(overlays)('%s', (overlay) => {
  const objects = objectsOf(overlay);

  it('listens at addresses of both families, and where a port-forward dials', () => {
    const env = servicesOf(objects).get('console')?.env ?? [];
    expect(env.find(({ name }) => name === 'FLYBALL_CONSOLE_HOST')).toMatchObject({
      value: '::',
    });
  });

  it('stays in its Service when it is not ready: its page says that NATS is away', () => {
    const service = objects.find(
      ({ kind, metadata }) => kind === 'Service' && metadata.name === 'console',
    );
    expect(service?.spec).toMatchObject({ publishNotReadyAddresses: true });
  });
});
