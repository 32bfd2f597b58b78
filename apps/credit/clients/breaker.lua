-- One breaker in one hash; the rules are those of domain/breaker.py, where they are explained.
--
-- KEYS[1]   the hash: phase, generation, opened_at, successes, f:<bucket>, n:<bucket>,
--           p:<token> (a probe that is out, until when)
-- ARGV      verb, now ('' for the clock of Redis), most_failures, most_failed_percent,
--           window_ms, bucket_ms, open_ms, probes, lease_ms, token, generation, is_good
-- returns   {answer, generation, before, after, failures, calls}; before = '' without a change

local key, verb = KEYS[1], ARGV[1]
local now = tonumber(ARGV[2])
if not now then
  local clock = redis.call('TIME')
  now = clock[1] * 1000 + math.floor(clock[2] / 1000)
end
local most_failures, most_percent = tonumber(ARGV[3]), tonumber(ARGV[4])
local window_ms, bucket_ms, open_ms = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local probes, lease_ms = tonumber(ARGV[8]), tonumber(ARGV[9])
local token = ARGV[10]

local kept = {}
local flat = redis.call('HGETALL', key)
for i = 1, #flat, 2 do kept[flat[i]] = flat[i + 1] end
local phase = kept['phase'] or 'closed'
local generation = tonumber(kept['generation'] or '0')
local opened_at = tonumber(kept['opened_at'] or '0')
local successes = tonumber(kept['successes'] or '0')
local before, failures, calls = '', 0, 0

local function text(number) return string.format('%.0f', number) end

local function go(to)
  before, phase = phase, to
  generation = math.max(now, generation + 1)
  opened_at, successes = (to == 'open') and now or 0, 0
  redis.call('DEL', key)
  redis.call('HSET', key, 'phase', to, 'generation', text(generation),
    'opened_at', text(opened_at), 'successes', '0')
end

local function count()
  local oldest = math.floor(now / bucket_ms) - math.floor(window_ms / bucket_ms)
  failures, calls = 0, 0
  for name, value in pairs(kept) do
    local kind, bucket = string.match(name, '^([fn]):(%d+)$')
    if kind and tonumber(bucket) <= oldest then
      redis.call('HDEL', key, name)
    elseif kind == 'f' then failures = failures + tonumber(value)
    elseif kind == 'n' then calls = calls + tonumber(value) end
  end
end

local function add(kind)
  local name = kind .. ':' .. text(math.floor(now / bucket_ms))
  kept[name] = redis.call('HINCRBY', key, name, 1)
end

local function probes_out()
  local out = 0
  for name, value in pairs(kept) do
    if string.sub(name, 1, 2) == 'p:' then
      if tonumber(value) <= now then redis.call('HDEL', key, name) else out = out + 1 end
    end
  end
  return out
end

local function answer(word)
  return {word, text(generation), before, phase, failures, calls}
end

if verb == 'look' then
  count()
  if phase == 'open' and now >= opened_at + open_ms then return answer('due') end
  if phase == 'open' then return answer(text(opened_at + open_ms - now)) end
  return answer(text(successes))
end

if verb == 'reset' then
  go('closed')
  return answer('reset')
end

if verb == 'admit' then
  if phase == 'open' and now >= opened_at + open_ms then
    go('half_open')
    kept = {}
  end
  if phase == 'open' then return answer('open') end
  if phase == 'half_open' then
    if successes + probes_out() >= probes then return answer('too_many_probes') end
    redis.call('HSET', key, 'p:' .. token, text(now + lease_ms))
  end
  return answer('go')
end

-- settle
local is_good = ARGV[12] == '1'
if tonumber(ARGV[11]) ~= generation then return answer('late') end
if phase == 'half_open' then
  if redis.call('HDEL', key, 'p:' .. token) == 0 then return answer('late') end
  if not is_good then
    failures, calls = 1, successes + 1
    go('open')
  else
    successes = successes + 1
    redis.call('HSET', key, 'successes', text(successes))
    if successes >= probes then
      calls = successes
      go('closed')
    end
  end
  return answer('settled')
end
add('n')
if not is_good then add('f') end
count()
if not is_good and failures > most_failures and failures * 100 > most_percent * calls then
  go('open')
end
return answer('settled')
