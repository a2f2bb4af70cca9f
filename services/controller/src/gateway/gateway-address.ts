/** The gateway under a name of another product: its Service tells the activators' address. Pure. */
import type { CoreService } from '../objects/cluster-object.ts';

/** A Service of this class has no balancer of its own: the address that it tells is ours. */
export const gatewayClass = 'flyball.dev/gateway';

export interface IngressAddress {
  readonly ip?: string;
  readonly hostname?: string;
}

export interface GatewayService extends CoreService {
  readonly spec: CoreService['spec'] & {
    readonly loadBalancerClass?: string;
    readonly clusterIP?: string;
    readonly externalIPs?: readonly string[];
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly IngressAddress[] };
  };
}

export const isGateway = ({ spec }: GatewayService): boolean =>
  spec.type === 'LoadBalancer' && spec.loadBalancerClass === gatewayClass;

/**
 * Where the activators are reached: what a balancer told of their Service, else what was written
 * into it, else its address inside the cluster. Undefined: it has none yet.
 */
const addressesOfActivators = (
  service: GatewayService | undefined,
): readonly IngressAddress[] | undefined => {
  if (service === undefined) return undefined;
  const balanced = service.status?.loadBalancer?.ingress ?? [];
  if (balanced.length > 0) return balanced.map(({ ip, hostname }) => addressOf(ip, hostname));
  const { externalIPs = [], clusterIP } = service.spec;
  if (externalIPs.length > 0) return externalIPs.map((ip) => ({ ip }));
  return clusterIP === undefined || clusterIP === '' || clusterIP === 'None'
    ? undefined
    : [{ ip: clusterIP }];
};

const addressOf = (ip: string | undefined, hostname: string | undefined): IngressAddress => ({
  ...(ip === undefined ? {} : { ip }),
  ...(hostname === undefined ? {} : { hostname }),
});

const isSame = (one: readonly IngressAddress[], other: readonly IngressAddress[]): boolean =>
  one.length === other.length &&
  one.every(({ ip, hostname }, at) => other[at]?.ip === ip && other[at]?.hostname === hostname);

/** What a gateway's status shall be; undefined where it is that already, or nothing is known. */
export const gatewayStatus = (
  gateway: GatewayService,
  activators: GatewayService | undefined,
): object | undefined => {
  const ingress = addressesOfActivators(activators);
  if (ingress === undefined) return undefined;
  const told = gateway.status?.loadBalancer?.ingress ?? [];
  return isSame(told, ingress) ? undefined : { loadBalancer: { ingress } };
};
