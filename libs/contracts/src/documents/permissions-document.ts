/** infra/nats/permissions.json: what each NATS user may publish and subscribe to. */
import { natsPermissions, natsUsers } from '../nats-permissions.ts';

export const permissionsDocument = (): string => {
  const users = Object.fromEntries(natsUsers.map((user) => [user, natsPermissions(user)]));
  return `${JSON.stringify(users, undefined, 2)}\n`;
};
