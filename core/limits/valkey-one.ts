import type { ValkeyClient } from "#core/kit/valkey.ts";
import { interval } from "./bucket.schema.ts";
import type { Decision, Take } from "./decision.schema.ts";
import { type AlgorithmName, bucketAlgorithms } from "./rule.schema.ts";
import { TOOLS } from "./valkey-families.ts";
import { LOG } from "./valkey-log.ts";
import { evaluate, type Script, toScript } from "./valkey-script.ts";

/**
 * `take` of one level, which most decisions are: the arithmetic of `valkey-families.ts` written straight on, as a server spends
 * more on building tables and functions than on counting. A property holds it to the same answers.
 *
 * KEYS: one. ARGV: cost, two parameters, and milliseconds where the caller's clock counts. Answers: allowed, remaining, resetMs,
 * and waitMs where it is allowed, else retryAfterMs (-1: never). Numbers are written by %d: exact up to 2^53.
 */
const HEAD = `
local cost, a, b, now = ARGV[1] + 0, ARGV[2] + 0, ARGV[3] + 0, ARGV[4]
if now then
  now = now + 0
else
  local time = redis.call('TIME')
  now = time[1] * 1000 + (time[2] - time[2] % 1000) / 1000
end
`;
const GET = `
local got = redis.pcall('GET', KEYS[1])
if type(got) ~= 'string' then got = '' end
local asked = cost > 0 and cost or 1
`;

const bucket = (waits: boolean) => `${HEAD}${GET}
local held = 0
if string.find(got, '^%d+$') then
  local tat = got + 0
  if tat > now * 1000 and tat < 2^53 then held = tat - now * 1000 end
end
local full = a * b
if held + asked * a > full then
  local never, over = cost > b, held + asked * a - full
  return {0, math.max(math.floor((full - held) / a), 0), math.ceil(held / 1000), never and -1 or math.ceil(over / 1000)}
end
local after = held + cost * a
local rests = (after + 999 - (after + 999) % 1000) / 1000
if cost > 0 then redis.call('SET', KEYS[1], string.format('%d', now * 1000 + after), 'PX', rests) end
return {1, (full - after - (full - after) % a) / a, rests, ${waits ? "math.ceil(held / 1000)" : "0"}}
`;

const COUNTED = `${HEAD}${GET}
local start, count, previous = string.match(got, '^(%d+):(%d+):(%d+)$')
local opens = now - now % b
local was = start and start - start % b or -2 * b
if was >= opens then start, count, previous = was, count + 0, previous + 0
elseif was == opens - b then start, count, previous = opens, 0, count + 0
else start, count, previous = opens, 0, 0 end
`;
const KEEP = `
if cost > 0 then
  redis.call('SET', KEYS[1], string.format('%d:%d:%d', start, count + cost, previous), 'PX', rests)
end
`;

const FIXED = `${COUNTED}
local ends = start + b - now
if count + asked > a then
  return {0, count < a and a - count or 0, count > 0 and ends or 0, cost > a and -1 or ends}
end
local rests = count + cost > 0 and ends or 0
${KEEP}
return {1, a - count - cost, rests, 0}
`;

const SLIDING = `${COUNTED}
local room = a * b - previous * (now > start and b - now + start or b) - count * b
local function ends(held)
  local at = held > 0 and start + 2 * b or previous > 0 and start + b or 0
  return at > now and at - now or 0
end
if asked * b > room then
  local retry, spare = -1, a - count - asked
  if cost > a then retry = -1
  elseif spare > 0 then retry = start + b - math.floor(spare * b / previous) - now
  else retry = start + b - now + (a - asked < count and b - math.floor((a - asked) * b / count) or 0) end
  return {0, math.max(math.floor(room / b), 0), ends(count), retry}
end
local rests = ends(count + cost)
${KEEP}
return {1, math.floor((room - cost * b) / b), rests, 0}
`;

// What costs it time is its list: as the family has it.
const SLIDING_LOG = `${HEAD}${TOOLS}${LOG}
local log = families.log
local state = log.load(KEYS[1], a, b)
local judged = log.judge(state, cost, a, b)
if judged[1] == 1 and cost > 0 then log.save(KEYS[1], state, cost, a, b) end
return {judged[1], judged[2], judged[3], judged[4]}
`;

const meter = toScript(bucket(false));
const SCRIPTS: Readonly<Record<AlgorithmName, Script>> = {
  "token-bucket": meter,
  "leaky-bucket": meter,
  gcra: meter,
  "leaky-queue": toScript(bucket(true)),
  "fixed-window": toScript(FIXED),
  "sliding-window-counter": toScript(SLIDING),
  "sliding-window-log": toScript(SLIDING_LOG),
};

/** Takes from one level: one round trip. `time`: milliseconds; empty: the server's clock. */
export const takeOne = async (
  client: ValkeyClient,
  key: string,
  { params, cost }: Take,
  time: string,
): Promise<Decision> => {
  const { algorithm, limit, windowMs, burst } = params;
  const args: (string | number)[] = bucketAlgorithms.includes(algorithm)
    ? [key, cost, interval(params), burst]
    : [key, cost, limit, windowMs];
  if (time !== "") args.push(time);
  const answer = await evaluate(client, SCRIPTS[algorithm], 1, args);
  const [yes, remaining = 0, resetMs = 0, wait = 0] = answer as readonly number[];
  const allowed = yes === 1;
  return {
    allowed,
    remaining,
    resetMs,
    retryAfterMs: allowed ? 0 : wait < 0 ? Number.POSITIVE_INFINITY : wait,
    waitMs: allowed ? wait : 0,
  };
};
