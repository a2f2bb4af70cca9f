/** Makes the streams and buckets, once; closes what is open and refuses what is otherwise. */
import { OutsideError } from '@flyball/contracts';
import {
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { maxPartitionCount } from '../partition-count.ts';
import { type ConnectOptions, openLink } from './connect.ts';
import type { Link } from './link.ts';
import { isStreamNotFound } from './nats-failure.ts';
import {
  defaultStreamOptions,
  type StreamOptions,
  type WantedStream,
  wantedStreams,
} from './wanted-streams.ts';

/** Another creator was faster, with other settings: the comparison then says which. */
const nameInUse = 10058;

const differs = (name: string, field: string, is: unknown, wanted: unknown): OutsideError =>
  new OutsideError(
    'NATS_STREAM_DIFFERS',
    `Stream ${name} has ${field} ${JSON.stringify(is)}; wanted is ${JSON.stringify(wanted)}. ` +
      `Start with the settings it was made with, or move its data away.`,
    { retriable: false },
  );

/** More copies than wanted are no difference: whoever runs a cluster adds them. */
const suffices = (field: string, is: unknown, wanted: unknown): boolean =>
  field === 'num_replicas'
    ? Number(is) >= Number(wanted)
    : JSON.stringify(is) === JSON.stringify(wanted);

const refuseDifference = (config: StreamConfig, wanted: WantedStream): void => {
  for (const [field, value] of Object.entries(wanted)) {
    const is = config[field as keyof StreamConfig];
    if (!suffices(field, is, value)) {
      throw differs(wanted.name, field, is, value);
    }
  }
};

const add = async (manager: JetStreamManager, wanted: WantedStream): Promise<StreamConfig> => {
  try {
    return (await manager.streams.add(wanted)).config;
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== nameInUse) throw error;
    return (await manager.streams.info(wanted.name)).config;
  }
};

const findOrAdd = async (
  manager: JetStreamManager,
  wanted: WantedStream,
): Promise<StreamConfig> => {
  try {
    return (await manager.streams.info(wanted.name)).config;
  } catch (error) {
    if (!isStreamNotFound(error)) throw error;
    return add(manager, wanted);
  }
};

/** A stream that takes roll-ups lets each pen erase the others' messages: it is closed to them. */
const close = async (
  manager: JetStreamManager,
  config: StreamConfig,
  { name, allow_rollup_hdrs: wanted }: WantedStream,
): Promise<StreamConfig> =>
  config.allow_rollup_hdrs === true && wanted === false
    ? (await manager.streams.update(name, { ...config, allow_rollup_hdrs: false })).config
    : config;

const createOver = async (link: Link, wanted: readonly WantedStream[]): Promise<void> => {
  const manager = await jetstreamManager(link.connection, {
    checkAPI: false,
    timeout: link.limits.purgeMs,
  });
  for (const one of wanted) {
    const config = await link.untilAnswered(`Making stream ${one.name}`, async () =>
      close(manager, await findOrAdd(manager, one), one),
    );
    refuseDifference(config, one);
  }
};

/**
 * Makes every stream and bucket that is missing and checks those that exist, as a user who may do
 * so; the roll-ups that earlier versions left possible end with it. Throws OutsideError
 * NATS_STREAM_DIFFERS with the field, what it is and what is wanted.
 */
export const createStreams = async (
  connection: ConnectOptions,
  options: Partial<StreamOptions> = {},
): Promise<void> => {
  const complete = { ...defaultStreamOptions, ...options };
  const { partitionCount } = complete;
  const allowed = Number.isInteger(partitionCount) && partitionCount >= 1;
  if (!allowed || partitionCount > maxPartitionCount) {
    throw new RangeError(`partitionCount ${partitionCount}: 1 to ${maxPartitionCount} is allowed.`);
  }
  const link = await openLink(connection);
  try {
    await createOver(link, wantedStreams(complete));
  } finally {
    await link.close(Promise.resolve());
  }
};
