/** A real nats-server with the users of production, and everything that was written on it. */
import {
  allEventsFilter,
  decodeEvent,
  decodeSamples,
  type NatsUser,
  natsPermissions,
  natsUsers,
  type RecordedEvent,
  type SamplesReportedData,
  type WorkloadKey,
} from '@flyball/contracts';
import { balanceOf, type LedgerBalance } from '@flyball/domain';
import { connectEventLog, createStreams, type EventLog } from '@flyball/event-log';
import {
  availableNatsServers,
  type RunningNatsServer,
  startNatsServer,
} from '@flyball/event-log/testing';

const password = 'only-for-tests';
export const partitionCount = 2;

export interface Bus extends AsyncDisposable {
  readonly server: RunningNatsServer;
  /** What a service needs to connect as this user. */
  envOf(user: NatsUser): Record<string, string>;
  connectAs(user: NatsUser): Promise<EventLog>;
  readonly admin: EventLog;
  /** Everything in EVENTS of one workload, in order. */
  eventsOf(workload: WorkloadKey): RecordedEvent[];
  /** Every batch of SAMPLES that speaks of the workload, as a row or as covered. */
  batchesOf(workload: WorkloadKey): SamplesReportedData[];
  /** The ledger of one workload, summed from its events. */
  ledgerOf(workload: WorkloadKey): LedgerBalance;
}

const usersConfig = (): string => {
  const users = natsUsers.map((user) => ({ user, password, permissions: natsPermissions(user) }));
  return `authorization: { users: ${JSON.stringify(users)} }`;
};

const instanceOf = ({ source }: RecordedEvent): string => source.slice(source.lastIndexOf('/') + 1);

const ledgerIn = (events: readonly RecordedEvent[]): LedgerBalance => {
  const counts = events.flatMap((event) =>
    event.type === 'RequestsCounted'
      ? [{ id: event.id, instance: instanceOf(event), data: event.data }]
      : [],
  );
  const losses = events.flatMap((event) => (event.type === 'RequestsLost' ? [event.data] : []));
  return balanceOf(counts, losses);
};

/** Reads both streams into lists until the signal aborts. */
const listen = (log: EventLog, signal: AbortSignal) => {
  const events: RecordedEvent[] = [];
  const batches: SamplesReportedData[] = [];
  const readEvents = async () => {
    for await (const some of log.events.read({ filter: allEventsFilter, afterSeq: 0, signal })) {
      for (const { body, subject, seq } of some) {
        const decoded = decodeEvent(body, subject, seq);
        if (!decoded.ok) throw new Error(decoded.reason);
        events.push(decoded.event);
      }
    }
  };
  const readSamples = async () => {
    for await (const some of log.samples.read({ filter: 'flyball.samples.>', afterSeq: 0, signal }))
      for (const { body, subject, seq } of some) {
        const decoded = decodeSamples(body, subject, seq);
        if (!decoded.ok) throw new Error(decoded.reason);
        batches.push(decoded.event.data);
      }
  };
  const ended = Promise.all([readEvents(), readSamples()]);
  return { events, batches, ended };
};

/** Starts the newest nats-server that is here; disposing ends everything. */
export const openBus = async (): Promise<Bus> => {
  const binary = (await availableNatsServers()).at(-1);
  if (binary === undefined) throw new Error('nats-server is not installed: npm run setup');
  const server = await startNatsServer({ binary, configText: usersConfig() });
  const asUser = (user: NatsUser) => ({
    servers: server.url,
    name: `test-${user}`,
    user,
    password,
  });
  await createStreams(asUser('admin'), { partitionCount });
  const logs: EventLog[] = [];
  const connectAs = async (user: NatsUser): Promise<EventLog> => {
    const log = await connectEventLog(asUser(user));
    logs.push(log);
    return log;
  };
  const admin = await connectAs('admin');
  const stop = new AbortController();
  const heard = listen(admin, stop.signal);
  const eventsOf = (workload: WorkloadKey) =>
    heard.events.filter((event) => event.workload === workload);
  return {
    server,
    envOf: (user) => ({
      FLYBALL_NATS_URL: server.url,
      FLYBALL_NATS_USER: user,
      FLYBALL_NATS_PASSWORD: password,
    }),
    connectAs,
    admin,
    eventsOf,
    batchesOf: (workload) =>
      heard.batches.filter(
        ({ rows, covered }) => rows.workloads.includes(workload) || covered.includes(workload),
      ),
    ledgerOf: (workload) => ledgerIn(eventsOf(workload)),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await heard.ended;
      await Promise.all(logs.map((log) => log.close()));
      await server.stop();
    },
  };
};
