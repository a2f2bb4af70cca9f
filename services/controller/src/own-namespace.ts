/** Where Flyball itself runs: no wide opt-in takes its Deployments. */
import { ownNamespace } from '@flyball/platform/kubernetes';

/** Of the manifests; a controller outside of a pod does not know its own. */
const usualNamespace = 'flyball-system';

export const flyballNamespace = (): string => ownNamespace() ?? usualNamespace;
