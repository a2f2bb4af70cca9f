/** What the accounts of Flyball asked of an API server, from its audit log. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** One thing that was asked, as RBAC names it. */
export interface Asked {
  readonly account: string;
  readonly verb: string;
  /** `apps/deployments/scale`; of the core group `pods`. */
  readonly resource: string;
  /** Empty for all of them, and for kinds without one. */
  readonly namespace: string;
  readonly name: string;
  readonly status: number;
}

const eventSchema = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  objectRef: z
    .object({
      resource: z.string().default(''),
      subresource: z.string().optional(),
      apiGroup: z.string().optional(),
      namespace: z.string().default(''),
      name: z.string().default(''),
    })
    .optional(),
  responseStatus: z.object({ code: z.int().default(0) }).optional(),
});

const accountPattern = /^system:serviceaccount:flyball-system:(.+)$/;

/** Group, resource and subresource in one word. */
export const resourceWord = (group: string, resource: string): string =>
  group === '' ? resource : `${group}/${resource}`;

const askedIn = (line: string): readonly Asked[] => {
  const { verb, user, objectRef, responseStatus } = eventSchema.parse(JSON.parse(line));
  const account = accountPattern.exec(user.username)?.[1];
  if (account === undefined || objectRef === undefined || objectRef.resource === '') return [];
  const { resource, subresource, apiGroup = '', namespace, name } = objectRef;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const status = responseStatus?.code ?? 0;
  return [{ account, verb, resource: resourceWord(apiGroup, whole), namespace, name, status }];
};

/** Arguments of an API server that writes down what our accounts ask. */
export const auditArguments = async (folder: string): Promise<readonly string[]> => {
  const policy = join(folder, 'audit-policy.json');
  const rules = [
    { level: 'Metadata', userGroups: ['system:serviceaccounts:flyball-system'] },
    { level: 'None' },
  ];
  const omitStages = ['RequestReceived'];
  const text = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages, rules };
  await writeFile(policy, JSON.stringify(text));
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${join(folder, 'audit.log')}`];
};

export const readAuditLog = async (folder: string): Promise<readonly Asked[]> => {
  const text = await readFile(join(folder, 'audit.log'), 'utf8');
  // The last line may be half written.
  return text.split('\n').slice(0, -1).flatMap(askedIn);
};
