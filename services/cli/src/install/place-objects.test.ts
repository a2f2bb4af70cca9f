import { describe, expect, it } from 'vitest';
import { type InstallChoices, overlays } from './install-choices.ts';
import { placeObjects } from './place-objects.ts';
import { readRendered } from './rendered-objects.ts';

const usual: InstallChoices = {
  overlay: 'production',
  namespace: 'flyball-system',
  images: 'flyball',
  domain: 'example.com',
  optIn: 'annotated',
  knativeServices: 'install',
  namespaces: [],
};

describe.each(overlays)('%s', (overlay) => {
  it('stays as it is where nothing else is chosen', async () => {
    const objects = await readRendered(overlay);
    expect(objects.length).toBeGreaterThan(40);
    expect(placeObjects(objects, { ...usual, overlay })).toEqual(objects);
  });

  it('goes to another namespace as a whole', async () => {
    const objects = await readRendered(overlay);
    const placed = placeObjects(objects, { ...usual, overlay, namespace: 'scaling' });
    const text = JSON.stringify(placed);
    expect(text).not.toContain('flyball-system');
    expect(text.split('"namespace":"scaling"').length).toBe(
      JSON.stringify(objects).split('"namespace":"flyball-system"').length,
    );
    expect(placed).toContainEqual(
      expect.objectContaining({
        kind: 'Namespace',
        metadata: expect.objectContaining({ name: 'scaling' }),
      }),
    );
    expect(text).toContain('"namespace":"knative-serving"');
  });

  it('takes its own images from elsewhere, and nobody else’s', async () => {
    const choices = { ...usual, images: 'registry.example.com:5000/team/flyball', tag: 'v2' };
    const text = JSON.stringify(placeObjects(await readRendered(overlay), choices));
    expect(text).toContain('"image":"registry.example.com:5000/team/flyball/decider:v2"');
    expect(text).not.toMatch(/"flyball\//);
    expect(text).toMatch(/"image":"nats:\d/);
  });
});

it('sets what is chosen where a container has it', () => {
  const env = [
    { name: 'FLYBALL_DOMAIN', value: 'example.com' },
    { name: 'OTHER', value: '1' },
  ];
  const choices = { ...usual, domain: 'apps.example.org', namespaces: ['a', 'b'] };
  expect(placeObjects([{ env, FLYBALL_DOMAIN: 'example.com' }], choices)).toEqual([
    {
      env: [
        { name: 'FLYBALL_DOMAIN', value: 'apps.example.org' },
        { name: 'OTHER', value: '1' },
      ],
      FLYBALL_DOMAIN: 'example.com',
    },
  ]);
});

it('every variable that can be chosen is there to be', async () => {
  const text = JSON.stringify(await readRendered('production'));
  for (const name of ['DOMAIN', 'OPT_IN', 'NAMESPACES', 'KNATIVE_SERVICES']) {
    expect(text).toContain(`{"name":"FLYBALL_${name}","value"`);
  }
});

it('a word that only begins like our namespace is another', () => {
  const choices = { ...usual, namespace: 'scaling' };
  const texts = [
    'flyball-system',
    'flyball-systems',
    'nats.flyball-system.svc',
    'my-flyball-system',
  ];
  expect(placeObjects(texts, choices)).toEqual([
    'scaling',
    'flyball-systems',
    'nats.scaling.svc',
    'my-flyball-system',
  ]);
});
