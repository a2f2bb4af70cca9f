/** A Kubernetes Service of the clients' own, which Flyball leads where a cluster runs it. */
import { flyballPrefix } from './annotation-settings.ts';
import { complain, entriesOf, isPresent, type Spot, under, writtenAt } from './located-yaml.ts';

/** Names the Deployment, of the Service's own namespace, that its requests go to. */
export const publicServiceAnnotation = `${flyballPrefix}deployment`;

/** A Service of Kubernetes that names its Deployment. */
export const isPublicService = (root: Spot): boolean =>
  writtenAt(under(root, 'kind')) === 'Service' &&
  writtenAt(under(root, 'apiVersion')) === 'v1' &&
  isPresent(under(root, 'metadata', 'annotations', publicServiceAnnotation));

/** Why nobody can lead its requests; on a laptop the gateway leads them by the host name. */
export const judgePublicService = (root: Spot, { forCluster }: { forCluster: boolean }): void => {
  const named = under(root, 'metadata', 'annotations', publicServiceAnnotation);
  if (!forCluster) {
    const message =
      'On this machine the gateway leads requests by their host name; this Service is skipped.';
    complain(named, { severity: 'advice', message });
    return;
  }
  if (writtenAt(named).trim() === '') {
    const message = `${publicServiceAnnotation} names no Deployment, so this Service is not led.`;
    const allowed = 'the name of a Deployment of its namespace';
    complain(named, { severity: 'warning', message, allowed });
  }
  const selector = under(root, 'spec', 'selector');
  if (entriesOf(selector).size > 0) {
    const message =
      'With a selector Kubernetes leads the requests to the pods itself, and Flyball does not.';
    complain(selector, { severity: 'warning', message, allowed: 'no selector' });
  }
  const type = under(root, 'spec', 'type');
  if (writtenAt(type) === 'ExternalName') {
    const message = 'A Service of type ExternalName has no endpoints, so Flyball cannot lead it.';
    complain(type, { severity: 'warning', message, allowed: 'ClusterIP, NodePort, LoadBalancer' });
  }
  const address = under(root, 'spec', 'clusterIP');
  if (writtenAt(address) === 'None') {
    const message = 'Clients of a headless Service go past the activators, by its own port.';
    complain(address, { severity: 'warning', message, allowed: 'an address of its own' });
  }
};
