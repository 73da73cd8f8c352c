-- What wrk sends: the prepared requests one after the other, each with the next session's token.
-- Status and body length of every answer are checked.
-- Arguments: template file, file of requests (path, host, token by tabs), expected body bytes.

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

function init(arguments)
   local template = io.open(arguments[1], "rb"):read("*a")
   for line in io.lines(arguments[2]) do
      local path, host, token = line:match("^(.-)\t(.-)\t(.-)$")
      local values = { path = path, host = host, token = token }
      count = count + 1
      prepared[count] = template:gsub("{(%a+)}", values)
   end
   expected_bytes = tonumber(arguments[3])
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
