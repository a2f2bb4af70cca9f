/** How a call to the API server is named in metrics: a verb and a resource, as RBAC has them. */

export interface CallName {
  readonly verb: string;
  /** `deployments`, `deployments/scale`; the path itself where it names no resource. */
  readonly resource: string;
}

interface Named {
  readonly resource: string;
  readonly isOne: boolean;
}

const namedBy = (path: string): Named => {
  const parts = path.split('/').filter((part) => part !== '');
  const groupParts = parts[0] === 'apis' ? 3 : 2;
  const isResource = (parts[0] === 'api' || parts[0] === 'apis') && parts.length > groupParts;
  if (!isResource) return { resource: path, isOne: true };
  const rest = parts.slice(groupParts);
  // `namespaces/web` is the namespace itself, `namespaces/web/pods` what is in it.
  const [resource = '', name, subresource] =
    rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  return { resource: full, isOne: name !== undefined };
};

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Names a call by its method and its path with query. */
export const callNameOf = (method: string, pathWithQuery: string): CallName => {
  const { pathname, searchParams } = new URL(pathWithQuery, 'http://cluster');
  const { resource, isOne } = namedBy(pathname);
  const verb = verbs[method];
  if (verb !== undefined) return { verb, resource };
  if (searchParams.get('watch') === 'true') return { verb: 'watch', resource };
  return { verb: isOne ? 'get' : 'list', resource };
};
