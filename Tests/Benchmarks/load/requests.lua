-- What wrk sends: the prepared requests one after the other, each with the next session's token.
-- Status and body length of every answer are checked.
-- Arguments: template file, file of requests (path, host, token by tabs), expected body bytes, requests a second
-- (0: each connection asks as soon as it is answered).

local ffi = require("ffi")
ffi.cdef [[
   typedef struct { long seconds; long nanoseconds; } benchmark_time;
   int clock_gettime(int clock, benchmark_time *time);
]]

local prepared, count, position = {}, 0, 0
local expected_bytes = 0
-- Global, so that `done` can read it from the thread's own interpreter.
wrong = 0

-- Everything runs on loopback, whatever name the URL gives for SNI.
function wrk.resolve(_, service)
   wrk.addrs = wrk.lookup("127.0.0.1", service)
end

local threads = {}
function setup(thread)
   threads[#threads + 1] = thread
end

function response(status, _, body)
   if status ~= 200 or #body ~= expected_bytes then
      wrong = wrong + 1
   end
end

local clock = ffi.new("benchmark_time")
local function milliseconds()
   ffi.C.clock_gettime(1, clock)
   return tonumber(clock.seconds) * 1e3 + tonumber(clock.nanoseconds) / 1e6
end

-- One row of moments for all connections, exponentially apart: whoever is answered takes the next one.  Who is
-- behind asks at once; what is older than 50 ms is forgotten.
local function paced(rate)
   local moment = milliseconds()
   return function()
      local now = milliseconds()
      moment = math.max(moment - 1e3 / rate * math.log(1 - math.random()), now - 50)
      return math.max(0, math.floor(moment - now + 0.5))
   end
end

function init(arguments)
   local template = io.open(arguments[1], "rb"):read("*a")
   for line in io.lines(arguments[2]) do
      local path, host, token = line:match("^(.-)\t(.-)\t(.-)$")
      local values = { path = path, host = host, token = token }
      count = count + 1
      prepared[count] = template:gsub("{(%a+)}", values)
   end
   expected_bytes = tonumber(arguments[3])
   local rate = tonumber(arguments[4])
   if rate > 0 then
      delay = paced(rate)
   end
end

function request()
   position = position % count + 1
   return prepared[position]
end

function done(summary, latency, _)
   local wrong_answers = 0
   for _, thread in ipairs(threads) do
      wrong_answers = wrong_answers + thread:get("wrong")
   end
   local errors = summary.errors
   io.write(string.format(
      'RESULT {"requests": %d, "bytes": %d, "seconds": %.6f, "p50_ms": %.4f, "p99_ms": %.4f, "wrong": %d, '
         .. '"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}\n',
      summary.requests, summary.bytes, summary.duration / 1e6, latency:percentile(50) / 1e3,
      latency:percentile(99) / 1e3, wrong_answers, errors.connect, errors.read, errors.write, errors.status,
      errors.timeout))
end
