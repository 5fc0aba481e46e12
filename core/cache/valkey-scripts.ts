import { createHash } from "node:crypto";
import type { Redis } from "iovalkey";
import type { ValkeyClient } from "#core/kit/valkey.ts";

/** What a command takes. */
export type Argument = string | Buffer | number;

/** A command, in small letters (by which the client knows its keys, and that it only reads), whose bytes come back as they are. */
export const send = (client: ValkeyClient, command: string, args: readonly Argument[]): Promise<unknown> =>
  // Both kinds of client take it; only their types differ.
  (client as Redis).callBuffer(command, ...args);

/** A Lua script, known to the server by its SHA-1. */
interface Script {
  readonly source: string;
  readonly sha: string;
}

const script = (source: string): Script => ({
  source,
  sha: createHash("sha1").update(source).digest("hex"),
});

/** Runs a script: one round trip, and a second one only for the first use on a server. */
export const run = async (
  client: ValkeyClient,
  { source, sha }: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> => {
  try {
    return await send(client, "evalsha", [sha, keys.length, ...keys, ...args]);
  } catch (error) {
    if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
    return send(client, "eval", [source, keys.length, ...keys, ...args]);
  }
};

// What is short is written at once, its version in place: to copy what is long would cost more than a second command.
// Whatever else stands under a key of ours counts as nothing, and gives way to what is written. A feed that is begun anew begins in the
// next millisecond: its first entry is none that a reader may have read last. A key of which nothing is known begins at the time, and
// counts from there: put out for want of memory, it never comes back to a version that somebody still knows.
const prelude = `
local function head(key)
  local h = redis.pcall('GETRANGE', key, 0, 127)
  if type(h) ~= 'string' then redis.call('DEL', key) return nil end
  if #h < 128 or string.sub(h, 1, 4) ~= 'TFC1' then return nil end
  return h
end
local function millis()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function double(h, at) return (struct.unpack('>d', h, at)) end
local function following(h)
  local version = h and double(h, 9) or 0
  if version == 0 then return millis() end
  return version + 1
end
local function write(key, bytes, ms, version, old)
  local copied = old and double(old, 121) > 0
  if #bytes < 4096 then
    local ends = copied and string.sub(old, 121, 128) or string.sub(bytes, 121, 128)
    bytes = string.sub(bytes, 1, 8) .. struct.pack('>d', version) .. string.sub(bytes, 17, 120) .. ends .. string.sub(bytes, 129)
  end
  if ms == '' then redis.call('SET', key, bytes) else redis.call('SET', key, bytes, 'PX', ms) end
  if #bytes < 4096 then return end
  redis.call('SETRANGE', key, 8, struct.pack('>d', version))
  if copied then redis.call('SETRANGE', key, 120, string.sub(old, 121, 128)) end
end
local function tell(feed, length, field, name, version)
  local text = string.format('%.0f', version)
  local told = redis.pcall('XADD', feed, 'MAXLEN', '~', length, '*', field, name, 'v', text)
  if type(told) ~= 'string' then
    redis.call('DEL', feed)
    redis.call('XADD', feed, string.format('%.0f-0', millis() + 1), 'lost', '1')
    redis.call('XADD', feed, '*', field, name, 'v', text)
  end
end
`;

/** KEYS entry, feed. ARGV bytes, ms to live ('': for ever), field and name of the key, length of the feed. Answers the version, and whether copies are about. */
export const SET = script(`${prelude}
local h = head(KEYS[1])
local version = following(h)
write(KEYS[1], ARGV[1], ARGV[2], version, h)
tell(KEYS[2], ARGV[5], ARGV[3], ARGV[4], version)
local copied = h and double(h, 121) or 0
return { version, copied > 0 and copied > millis() and 1 or 0 }`);

/** KEYS entry. ARGV bytes, ms to live, the version expected, holder of the lease or ''. Answers the version; 0: refused. */
export const FILL = script(`${prelude}
local h = head(KEYS[1])
local expected = tonumber(ARGV[3])
if h and double(h, 9) ~= expected then return 0 end
if ARGV[4] ~= '' and not (h and string.sub(h, 50, 49 + string.byte(h, 49)) == ARGV[4]) then return 0 end
local version = math.max(expected + 1, following(h))
write(KEYS[1], ARGV[1], ARGV[2], version, h)
return version`);

/** KEYS entry. ARGV lease, holder, the version expected, now, bytes and ms to live of nothing but a lease. Answers what is in the way. */
export const LEASE = script(`${prelude}
local h = head(KEYS[1])
if not h then
  redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[6])
else
  local size = string.byte(h, 49)
  local other = double(h, 41) > tonumber(ARGV[4]) and string.sub(h, 50, 49 + size) ~= ARGV[2]
  if other or double(h, 9) ~= tonumber(ARGV[3]) then return redis.call('GET', KEYS[1]) end
  if double(h, 9) == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
end
redis.call('SETRANGE', KEYS[1], 40, ARGV[1])
return 1`);

/** KEYS entry. ARGV holder. */
export const RELEASE = script(`${prelude}
local h = head(KEYS[1])
if h and string.sub(h, 50, 49 + string.byte(h, 49)) == ARGV[1] then
  redis.call('SETRANGE', KEYS[1], 40, string.rep('\\0', 80))
end
return 1`);

/**
 * KEYS mark, feed, all marks by time. ARGV field and name of the mark, length of the feed, ms for which a mark is remembered. Its
 * version is the time where that is ahead of the count: a mark that a dead server took along never comes back to a version it had.
 * A mark with an end of its own might be put out before it, for want of memory, and void entries would count: so each bump takes three
 * away whose time is over. All are in the slot of the feed.
 */
export const BUMP = script(`${prelude}
local old = redis.pcall('GET', KEYS[1])
local time = millis()
local version = math.max((type(old) == 'string' and tonumber(old) or 0) + 1, time)
local over = redis.pcall('ZRANGEBYSCORE', KEYS[3], '-inf', time - ARGV[4], 'LIMIT', 0, 3)
if over.err then redis.call('DEL', KEYS[3]) over = {} end
for _, mark in ipairs(over) do
  redis.call('DEL', mark)
  redis.call('ZREM', KEYS[3], mark)
end
redis.call('ZADD', KEYS[3], version, KEYS[1])
redis.call('SET', KEYS[1], string.format('%.0f', version))
tell(KEYS[2], ARGV[3], ARGV[1], ARGV[2], version)
return version`);

/** KEYS entry. ARGV ms for which it is copied: whoever writes it meanwhile drops the copies. Answers the entry. */
export const COPIED = script(`${prelude}
if not head(KEYS[1]) then return false end
redis.call('SETRANGE', KEYS[1], 120, struct.pack('>d', millis() + ARGV[1]))
return redis.call('GET', KEYS[1])`);

/** KEYS copy. ARGV bytes, ms to live, version. One that is newer stays. */
export const COPY = script(`${prelude}
local h = head(KEYS[1])
if not h or double(h, 9) <= tonumber(ARGV[3]) then write(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])) end
return 1`);
