import { createHash } from "node:crypto";
import type { Redis } from "iovalkey";
import type { ValkeyClient } from "#core/kit/valkey.ts";
import { BUCKETS, PRELUDE, TOOLS, WINDOWS } from "./valkey-families.ts";
import { LOG } from "./valkey-log.ts";

/** Arguments of a level, after the operation and the clock. */
export const ARGUMENTS = 5;
/** Numbers of a level in an answer. */
export const NUMBERS = 6;

/**
 * One script for any number of levels of any family: a server runs it as a whole, so nothing comes between. KEYS: one a level.
 * ARGV: operation, milliseconds (empty: the server's clock), then family, cost, two parameters and a receipt for each level.
 *
 * `take` takes from all or none. `look` takes nothing and says of each level what `take` says where another denied. `peek`
 * says what `take` would. `undo` takes back what the receipts name, `refund` gives back; both say what is there after.
 */
const MAIN = `
local op = ARGV[1]
local levels, all = {}, op ~= 'look'
for i = 1, #KEYS do
  local at = 2 + (i - 1) * ${ARGUMENTS}
  local family, cost, a, b = families[ARGV[at + 1]], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local state = family.load(KEYS[i], a, b)
  if op == 'refund' or op == 'undo' then
    state = family[op](KEYS[i], state, cost, a, b, tonumber(ARGV[at + 5]))
    cost = 0
  end
  local judged = family.judge(state, cost, a, b)
  if judged[1] == 0 then all = false end
  levels[i] = {family, cost, a, b, state, judged}
end
local out = {}
for i, level in ipairs(levels) do
  local family, cost, a, b, state, judged = unpack(level)
  if not all and judged[1] == 1 then judged = family.judge(state, 0, a, b) end
  for n = 1, ${NUMBERS} do out[#out + 1] = judged[n] end
  if all and op == 'take' and cost > 0 then family.save(KEYS[i], state, cost, a, b) end
end
return out
`;

/** What a server runs, and its name there. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

export const toScript = (source: string): Script => ({
  source,
  sha: createHash("sha1").update(source).digest("hex"),
});

/** Any levels. */
export const LEVELS = toScript(`${PRELUDE}${TOOLS}${BUCKETS}${WINDOWS}${LOG}${MAIN}`);

/** Runs a script: one round trip, and a second one only for the first use on a server. */
export const evaluate = async (
  client: ValkeyClient,
  { source, sha }: Script,
  keys: number,
  args: readonly (string | number)[],
): Promise<unknown> => {
  // both kinds of client take it; only their types differ
  const redis = client as Redis;
  try {
    return await redis.callBuffer("evalsha", sha, keys, ...args);
  } catch (error) {
    // a server that was restarted, or just succeeded another, does not know the script
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return redis.callBuffer("eval", source, keys, ...args);
  }
};
