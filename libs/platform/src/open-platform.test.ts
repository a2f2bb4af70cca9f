import { expect, it } from 'vitest';
import { openPlatform, type PlatformSettings } from './open-platform.ts';

const settings: PlatformSettings = {
  ...{ platform: 'kubernetes', platformUrl: 'http://127.0.0.1:1', platformToken: '' },
  ...{ kubeconfig: '/nowhere/kubeconfig', namespaces: [], optIn: 'annotated' },
  ...{ configNamespaces: ['flyball-system'], domain: 'example.com' },
};

it('says at once that a kubeconfig cannot be read, and does without one elsewhere', async () => {
  const told: string[] = [];
  const onCall = (verb: string) => void told.push(verb);
  await expect(openPlatform(settings, onCall)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  const local = await openPlatform({ ...settings, platform: 'local' }, onCall);
  await expect(local.get('default/web')).rejects.toMatchObject({ code: 'PLATFORM_UNREACHABLE' });
  await local.close();
  expect(told).toEqual([]);
});
