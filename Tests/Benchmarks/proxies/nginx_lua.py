"""nginx that looks the session up in a Lua table (ngx_lua, LuaJIT)."""

from proxies.nginx import COOKIE_MAP, FIELDS, IDENTITY, Nginx
from workload import SESSION_COOKIE, Route

MODULES = "".join(
    f"load_module /usr/lib/nginx/modules/{name}_module.so;\n" for name in ("ndk_http", "ngx_http_lua"))

# Read once, before the worker starts; a line is the token and the session's fields, split by tabs.
TABLES = """\
    init_by_lua_block {{
        sessions, tenants = {{}}, {{}}
        for line in io.lines("{folder}/sessions.tsv") do
            local fields = {{}}
            for field in line:gmatch("[^\\t]+") do fields[#fields + 1] = field end
            local roles = "," .. fields[6] .. ","
            sessions[fields[1]] = {{
                tenant = fields[2], user = fields[3], email = fields[4], name = fields[5], roles = fields[6],
                factors = fields[7], handle = fields[8],
                is_user = roles:find(",user,", 1, true), is_admin = roles:find(",admin,", 1, true),
            }}
        end
        for line in io.lines("{folder}/tenants") do tenants[line .. ".example.org"] = line end
    }}
"""

CHECK = """\
        access_by_lua_block {{
            local var = ngx.var
            local tenant = tenants[var.host]
            if not tenant then return ngx.exit(421) end
            local cookie = var.http_cookie
            local session = cookie and sessions[cookie:match("{pattern}=([^;]*)")]
            if not session or session.tenant ~= tenant then return ngx.exit(401) end
            local needed = var.needed
            if needed ~= "" and not session[needed] then return ngx.exit(403) end
{assignments}        }}
"""


class NginxLua(Nginx):
    """`access_by_lua`; what it finds goes into variables, which is cheaper than setting headers in Lua."""

    name = "nginx-lua"
    title = "nginx with Lua"
    modules = MODULES

    def tables(self) -> str:
        workload = self.stage.workload
        lines = ("\t".join([session.token, *session.identity_headers().values()]) for session in workload.sessions)
        self.write("sessions.tsv", "".join(f"{line}\n" for line in lines))
        self.write("tenants", "".join(f"{tenant}\n" for tenant in workload.tenants))
        return COOKIE_MAP.format(cookie=SESSION_COOKIE) + TABLES.format(folder=self.folder)

    def rules(self) -> str:
        variables = "".join(f'        set $session_{name} "";\n' for name in FIELDS)
        assignments = "".join(f"            var.session_{name} = session.{name}\n" for name in FIELDS)
        check = CHECK.format(pattern=SESSION_COOKIE.replace("-", "%-"), assignments=assignments)
        return variables + check + IDENTITY + "".join(map(self.location, self.stage.workload.routes))

    def location(self, route: Route) -> str:
        needed = f"is_{route.role}" if route.role else ""
        return f'        location {route.path} {{ set $needed "{needed}"; proxy_pass http://application; }}\n'
