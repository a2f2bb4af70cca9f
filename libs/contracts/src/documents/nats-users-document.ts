/** The users of NATS in the format of its configuration; passwords come from its environment. */
import { natsPermissions, natsUsers } from '../nats-permissions.ts';

const usersOf = (): readonly string[] =>
  natsUsers.map((user) => {
    const permissions = JSON.stringify(natsPermissions(user), undefined, 2);
    const indented = permissions.replaceAll('\n', '\n      ');
    return `    {
      user: ${user}
      password: $NATS_PASSWORD_${user}
      permissions: ${indented}
    }`;
  });

/** `users.conf`, as nats.conf of the manifests includes it. */
export const natsUsersDocument = (): string => `# Made by \`npm run generate\`; do not edit.
# One user per service, which may write its own pen only. Passwords: from Secret nats-users.
authorization {
  users: [
${usersOf().join('\n')}
  ]
}
`;
