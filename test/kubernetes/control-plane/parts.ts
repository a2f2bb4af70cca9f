/** The programs of a control plane: where each comes from, what it is told, its ports. */
import { join } from 'node:path';

/** In the order in which they are started; they are ended the other way round. */
export const partNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
] as const;
export type PartName = (typeof partNames)[number];

/** The Go package of each. */
export const packageOf: Readonly<Record<PartName, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
};

/** Ports of 127.0.0.1. */
export interface Ports {
  readonly etcd: number;
  readonly etcdPeers: number;
  readonly apiServer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
}

export interface PartPlace {
  readonly folder: string;
  readonly ports: Ports;
  /** More arguments, over ours. */
  readonly more?: Readonly<Partial<Record<PartName, readonly string[]>>>;
}

/** Paths of what a control plane keeps in its folder. */
export const filesIn = (folder: string) => ({
  kubeconfig: join(folder, 'kubeconfig'),
  certificates: join(folder, 'certificates'),
  serverCertificate: join(folder, 'certificates/apiserver.crt'),
  accountKey: join(folder, 'service-accounts.key'),
  tokens: join(folder, 'tokens.csv'),
  data: join(folder, 'etcd'),
});

const serviceAddresses = '10.96.0.0/16';
/** Calls per second that the controllers may make; their own default would slow a burst down. */
const callRate = ['--kube-api-qps=200', '--kube-api-burst=400'];

const etcdArguments = ({ folder, ports }: PartPlace): string[] => {
  const clients = `http://127.0.0.1:${ports.etcd}`;
  const peers = `http://127.0.0.1:${ports.etcdPeers}`;
  return [
    ...['--name=default', `--data-dir=${filesIn(folder).data}`, '--log-level=warn'],
    // Nothing here has to survive a power loss.
    '--unsafe-no-fsync',
    ...[`--listen-client-urls=${clients}`, `--advertise-client-urls=${clients}`],
    ...[`--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`],
    `--initial-cluster=default=${peers}`,
  ];
};

const apiServerArguments = ({ folder, ports }: PartPlace): string[] => {
  const files = filesIn(folder);
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    ...['--bind-address=127.0.0.1', `--secure-port=${ports.apiServer}`],
    // The Service `kubernetes` gets no endpoint: a loopback address is not valid in one.
    ...['--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none'],
    ...[`--cert-dir=${files.certificates}`, `--service-cluster-ip-range=${serviceAddresses}`],
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.accountKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    ...[`--token-auth-file=${files.tokens}`, '--authorization-mode=RBAC', '--profiling=false'],
    // Webhooks are called at the addresses in EndpointSlices: nothing routes those of Services.
    '--enable-aggregator-routing',
    // Otherwise an ended API server waits for the watches of its clients.
    '--shutdown-watch-termination-grace-period=0s',
  ];
};

const ofController = ({ folder }: PartPlace, port: number): string[] => [
  ...[`--kubeconfig=${filesIn(folder).kubeconfig}`, '--leader-elect=false', '--profiling=false'],
  ...['--bind-address=127.0.0.1', `--secure-port=${port}`],
  `--cert-dir=${filesIn(folder).certificates}`,
  ...callRate,
];

const controllerManagerArguments = (place: PartPlace): string[] => {
  const files = filesIn(place.folder);
  return [
    ...ofController(place, place.ports.controllerManager),
    `--service-account-private-key-file=${files.accountKey}`,
    `--root-ca-file=${files.serverCertificate}`,
    '--horizontal-pod-autoscaler-sync-period=1s',
  ];
};

const argumentsBy: Readonly<Record<PartName, (place: PartPlace) => string[]>> = {
  etcd: etcdArguments,
  'kube-apiserver': apiServerArguments,
  'kube-controller-manager': controllerManagerArguments,
  'kube-scheduler': (place) => ofController(place, place.ports.scheduler),
};

/** What the part is started with. */
export const argumentsOf = (part: PartName, place: PartPlace): readonly string[] => [
  ...argumentsBy[part](place),
  ...(place.more?.[part] ?? []),
];
