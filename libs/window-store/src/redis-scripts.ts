/** The Lua that Redis runs: each is one atomic step, and none of them calculates. */

/**
 * KEYS: cursor, names, seconds. ARGV: the cursor and the count of names that are expected, the new
 * cursor, its stream and its batch's id, then three lists, each after its length: index and name,
 * field and bytes, fields to forget.
 */
export const writeScript = `
if (redis.call('HGET', KEYS[1], 'seq') or '0') ~= ARGV[1] then return 0 end
if tostring(redis.call('HLEN', KEYS[2])) ~= ARGV[2] then return 0 end
local at = 6
local last = at + ARGV[at]
for i = at + 1, last, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
at = last + 1
last = at + ARGV[at]
for i = at + 1, last, 2 do redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
at = last + 1
last = at + ARGV[at]
for i = at + 1, last do redis.call('HDEL', KEYS[3], ARGV[i]) end
redis.call('HSET', KEYS[1], 'seq', ARGV[3], 'stream', ARGV[4], 'id', ARGV[5],
  'names', redis.call('HLEN', KEYS[2]), 'seconds', redis.call('HLEN', KEYS[3]))
return 1
`;

/** KEYS as above. Everything in one reply, so that no write comes in between. */
export const loadScript = `
return {
  redis.call('HMGET', KEYS[1], 'seq', 'stream', 'id', 'names', 'seconds'),
  redis.call('HGETALL', KEYS[2]),
  redis.call('HGETALL', KEYS[3])
}
`;

/** KEYS as above: the cursor, the names and the fields, without the seconds themselves. */
export const outlineScript = `
return {
  redis.call('HMGET', KEYS[1], 'seq', 'stream', 'id', 'names', 'seconds'),
  redis.call('HGETALL', KEYS[2]),
  redis.call('HKEYS', KEYS[3])
}
`;
