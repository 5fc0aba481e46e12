/**
 * The algorithms of `bucket`, `window` and `log.schema.ts` in Lua, as a Valkey server runs them: the contract suite and a
 * property hold both to the same answers. Each family loads, judges, saves, gives back, and undoes what a receipt names. What
 * is found and is not ours (another type, other bytes) counts as absent and is overwritten by the next take: who can write
 * there could as well delete it, and a key that failed for ever would deny or admit for ever.
 *
 * Lua's numbers are doubles: microseconds since the epoch and all products stay below 2^53. They are written by %.0f, as
 * tostring would round to 14 digits. A judgement: {allowed, remaining, resetMs, retryAfterMs (-1: never), waitMs, receipt}.
 */
export const PRELUDE = `
local now
if ARGV[2] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
else
  now = tonumber(ARGV[2])
end
`;

/** What the families stand on, once \`now\` is known. */
export const TOOLS = `
local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
local function int(x) return string.format('%.0f', x) end
local function text(key)
  local got = redis.pcall('GET', key)
  if type(got) == 'string' then return got end
  return ''
end
local function put(key, value, restsIn)
  if restsIn <= 0 then redis.call('DEL', key) else redis.call('SET', key, value, 'PX', int(restsIn)) end
end
local families = {}
`;

/** `unit` in microseconds, `burst` in units. State: the theoretical arrival time. Receipt: the one it set. */
const bucket = (name: string, waits: boolean) => `
families.${name} = {
  load = function(key)
    local value = text(key)
    local tat = string.match(value, '^%d+$') and tonumber(value) or 0
    return tat < 2^53 and tat or 0
  end,
  judge = function(tat, cost, unit, burst)
    local full, held = unit * burst, max(tat - now * 1000, 0)
    local asked = held + max(cost, 1) * unit
    if asked <= full then
      local after = held + cost * unit
      return {1, floor((full - after) / unit), ceil(after / 1000), 0, ${waits ? "ceil(held / 1000)" : "0"}, now * 1000 + after}
    end
    return {0, max(floor((full - held) / unit), 0), ceil(held / 1000), cost > burst and -1 or ceil((asked - full) / 1000), 0, 0}
  end,
  save = function(key, tat, cost, unit)
    local after = max(tat, now * 1000) + cost * unit
    put(key, int(after), ceil(after / 1000) - now)
  end,
  refund = function(key, tat, cost, unit)
    local left = tat - cost * unit
    put(key, int(left), ceil(left / 1000) - now)
    return left
  end,
  -- ours lie on top of what was held, and leak last of it: what of them is there yet
  undo = function(key, tat, cost, unit, burst, receipt)
    local left = tat - max(min(cost * unit, receipt - now * 1000), 0)
    put(key, int(left), ceil(left / 1000) - now)
    return left
  end,
}
`;

export const BUCKETS = `${bucket("bucket", false)}${bucket("queue", true)}`;

/** `start:count:previous`. Receipt: the start of the window it was counted in. */
export const WINDOWS = `
local function counted(key, limit, window)
  local start, count, previous = string.match(text(key), '^(%d+):(%d+):(%d+)$')
  local index = floor(now / window)
  local was = start and floor(tonumber(start) / window) or -2
  if was < index - 1 then return {index * window, 0, 0} end
  if was < index then return {index * window, 0, tonumber(count)} end
  return {was * window, tonumber(count), tonumber(previous)}
end
local function keep(ends)
  return function(key, state, window)
    put(key, int(state[1]) .. ':' .. int(state[2]) .. ':' .. int(state[3]), ends(state, window) - now)
  end
end
local function windows(judge, ends)
  local store = keep(ends)
  return {
    load = counted,
    judge = judge,
    save = function(key, state, cost, limit, window)
      store(key, {state[1], state[2] + cost, state[3]}, window)
    end,
    refund = function(key, state, cost, limit, window)
      local left = {state[1], max(state[2] - cost, 0), max(state[3] - max(cost - state[2], 0), 0)}
      store(key, left, window)
      return left
    end,
    undo = function(key, state, cost, limit, window, receipt)
      local left = {state[1], state[2], state[3]}
      if receipt == left[1] then left[2] = max(left[2] - cost, 0)
      elseif receipt == left[1] - window then left[3] = max(left[3] - cost, 0)
      end
      store(key, left, window)
      return left
    end,
  }
end
families.fixed = windows(function(state, cost, limit, window)
  local ends = state[1] + window - now
  if state[2] + max(cost, 1) <= limit then
    local after = state[2] + cost
    return {1, limit - after, after > 0 and ends or 0, 0, 0, state[1]}
  end
  return {0, max(limit - state[2], 0), state[2] > 0 and ends or 0, cost > limit and -1 or ends, 0, 0}
end, function(state, window) return state[2] > 0 and state[1] + window or 0 end)

local function slidingRetry(state, cost, limit, window)
  if cost > limit then return -1 end
  local spare = limit - state[2] - cost
  if spare > 0 then return state[1] + window - floor(spare * window / state[3]) - now end
  local later = limit - cost
  return state[1] + window - now + (later < state[2] and window - floor(later * window / state[2]) or 0)
end
local function slidingEnds(state, window)
  if state[2] > 0 then return state[1] + 2 * window end
  return state[3] > 0 and state[1] + window or 0
end
families.sliding = windows(function(state, cost, limit, window)
  local weighed = state[3] * (window - max(now - state[1], 0)) + state[2] * window
  local room = limit * window - weighed
  if max(cost, 1) * window <= room then
    local ends = slidingEnds({state[1], state[2] + cost, state[3]}, window)
    return {1, floor((room - cost * window) / window), max(ends - now, 0), 0, 0, state[1]}
  end
  return {0, max(floor(room / window), 0), max(slidingEnds(state, window) - now, 0), slidingRetry(state, max(cost, 1), limit, window), 0, 0}
end, slidingEnds)
`;
