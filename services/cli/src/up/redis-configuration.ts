/** The configuration of a redis-server that we start: loopback, password, append-only file. */

export interface RedisConfiguration {
  readonly port: number;
  readonly folder: string;
  readonly password: string;
}

export const redisConfiguration = (
  given: RedisConfiguration,
): string => `# Written by flyball at each start.
bind 127.0.0.1
port ${given.port}
requirepass ${given.password}
dir ${JSON.stringify(given.folder)}
appendonly yes
appendfsync everysec
save ""
daemonize no
`;
