/**
 * The sliding log as a list: base, time 1, sum 1, time 2, sum 2, ... Small integers in listpacks: some 14 bytes an admission.
 * Dropping the oldest entry drops two elements, and its sum is the new base: LTRIM alone slides the window. A decision reads
 * a few elements by bisection, never the whole. Receipt: the time of the entry.
 */
export const LOG = `
local function logOf(key, limit, window)
  local length = redis.pcall('LLEN', key)
  local empty = {count = 0, head = 1, base = 0, total = 0, last = 0, sum = 0}
  if type(length) ~= 'number' or length < 3 or length % 2 == 0 then return empty end
  local ours = true
  local function at(index)
    local value = tonumber(redis.call('LINDEX', key, index))
    if not value then ours = false end
    return value or 0
  end
  local log = {count = (length - 1) / 2, base = at(0), last = at(-2), sum = at(-1)}
  log.time = function(i) return at(2 * i - 1) end
  log.upTo = function(i) return at(2 * i) end
  -- the first entry from 'from' for which it holds, as it does for all after; steps double, as it is mostly near
  log.first = function(from, holds)
    local low, step = from - 1, 1
    while low + step <= log.count and not holds(low + step) do low, step = low + step, step * 2 end
    local high = min(low + step, log.count + 1)
    while high - low > 1 do
      local middle = floor((low + high) / 2)
      if holds(middle) then high = middle else low = middle end
    end
    return high
  end
  local horizon = now - window
  log.head = log.first(1, function(i) return log.time(i) > horizon and log.upTo(i) > log.base end)
  log.from = log.base
  if log.head > 1 then log.base = max(log.base, log.upTo(log.head - 1)) end
  log.total = log.head <= log.count and log.sum - log.base or 0
  if not ours or log.total < 0 then return empty end
  return log
end
-- writes what slid out, and the base; answers whether anything is left
local function slide(key, log, base)
  if log.total - (base - log.base) <= 0 then
    redis.call('DEL', key)
    return false
  end
  if log.head > 1 then redis.call('LTRIM', key, int(2 * (log.head - 1)), '-1') end
  if log.head > 1 or base ~= log.from then redis.call('LSET', key, 0, int(base)) end
  return true
end
families.log = {
  load = logOf,
  judge = function(log, cost, limit, window)
    local asked = max(cost, 1)
    local ends = log.total > 0 and log.last + window - now or 0
    if log.total + asked <= limit then
      local at = max(log.total > 0 and log.last or 0, now)
      if cost > 0 then ends = at + window - now end
      return {1, limit - log.total - cost, ends, 0, 0, at}
    end
    local retry = -1
    if asked <= limit then
      local bound = log.base + log.total + asked - limit
      retry = log.time(log.first(log.head, function(i) return log.upTo(i) >= bound end)) + window - now
    end
    return {0, max(limit - log.total, 0), ends, retry, 0, 0}
  end,
  save = function(key, log, cost, limit, window)
    local at = max(log.total > 0 and log.last or 0, now)
    if not slide(key, log, log.base) then
      redis.call('RPUSH', key, '0', int(at), int(cost))
    elseif at == log.last then
      redis.call('LSET', key, -1, int(log.sum + cost))
    else
      redis.call('RPUSH', key, int(at), int(log.sum + cost))
    end
    redis.call('PEXPIRE', key, int(at + window - now))
  end,
  refund = function(key, log, cost, limit, window)
    slide(key, log, log.base + cost)
    return logOf(key, limit, window)
  end,
  -- what came later was written since: a few entries, for it was a round trip ago
  undo = function(key, log, cost, limit, window, receipt)
    local i = log.count
    while i >= log.head and log.time(i) > receipt do i = i - 1 end
    if i < log.head or log.time(i) ~= receipt then return log end
    local before = i > log.head and log.upTo(i - 1) or log.base
    local ours = max(min(cost, log.upTo(i) - before), 0)
    for j = i, log.count do redis.call('LSET', key, int(2 * j), int(log.upTo(j) - ours)) end
    if i == log.count and log.upTo(i) == before then redis.call('LTRIM', key, '0', '-3') end
    return logOf(key, limit, window)
  end,
}
`;
