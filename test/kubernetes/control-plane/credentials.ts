/** What the parts of a control plane and its clients prove themselves with. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { filesIn } from './parts.ts';

const ownerOnly = { mode: 0o600 };
const tokenBytes = 24;
const keyBits = 2_048;

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const writeKey = async (path: string): Promise<void> => {
  if (await isThere(path)) return;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: keyBits });
  const text = privateKey.export({ type: 'pkcs1', format: 'pem' });
  await writeFile(path, text, ownerOnly);
};

const adminToken = async (path: string): Promise<string> => {
  if (!(await isThere(path))) {
    const token = randomBytes(tokenBytes).toString('hex');
    await writeFile(path, `${token},admin,admin,system:masters\n`, ownerOnly);
  }
  return (await readFile(path, 'utf8')).split(',')[0] ?? '';
};

/** The kubeconfig of a user of the control plane, who shows this token. */
const kubeconfigText = (folder: string, port: number, token: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'flyball-test',
    clusters: [
      {
        name: 'flyball-test',
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority': filesIn(folder).serverCertificate,
        },
      },
    ],
    contexts: [{ name: 'flyball-test', context: { cluster: 'flyball-test', user: 'tester' } }],
    users: [{ name: 'tester', user: { token } }],
  });

/** Writes keys, the administrator's token and the kubeconfig; what is there already is kept. */
export const writeCredentials = async (folder: string, apiServerPort: number): Promise<void> => {
  const files = filesIn(folder);
  await mkdir(files.certificates, { recursive: true });
  await writeKey(files.accountKey);
  const token = await adminToken(files.tokens);
  await writeFile(files.kubeconfig, kubeconfigText(folder, apiServerPort, token), ownerOnly);
};
