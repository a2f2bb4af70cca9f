/** The documents that are made from the contracts, by path; a house test keeps them fresh. */
import { errorsDocument } from './errors-document.ts';
import { eventsDocument } from './events-document.ts';
import { natsUsersDocument } from './nats-users-document.ts';
import { permissionsDocument } from './permissions-document.ts';
import { subjectsDocument } from './subjects-document.ts';

/** Every generated file: its path from the root of the repository, and its whole text. */
export const generateDocuments = (): Readonly<Record<string, string>> => ({
  'docs/events.md': eventsDocument(),
  'docs/subjects.md': subjectsDocument(),
  'docs/errors.md': errorsDocument(),
  'infra/nats/permissions.json': permissionsDocument(),
  'infra/kubernetes/base/system/nats/users.conf': natsUsersDocument(),
});
