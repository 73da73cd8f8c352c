"""The one job that every proxy does: tenants, routes, sessions, and the requests that use them.

Everything is derived from a fixed seed, so that two runs ask the same questions in the same order.
"""

import base64
import json
import random
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path

SESSION_COOKIE = "__Host-gatehouse"
DOMAIN = "example.org"
PUBLIC_HOST = f"app.{DOMAIN}"
SMALL_BODY_BYTES = 1024
LARGE_BODY_BYTES = 1024 * 1024
LARGE_BODY_PATH = "/area-00/large"
UPLOAD_PATH = "/area-00/upload"

FIRST_NAMES = ("Ada", "Zoë", "Jürgen", "Mary Ann", "Łukasz", "Grace", "Noor", "Émile")
LAST_NAMES = ("Lovelace", "Müller", "Hopper", "Ångström", "Okafor", "Smith-Jones", "Nguyễn", "Rossi")

# A browser's request: 17 header fields, the session's cookie among four others.
REQUEST_HEAD = """\
GET {path} HTTP/1.1
Host: {host}
Connection: keep-alive
Cache-Control: max-age=0
sec-ch-ua: "Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99"
sec-ch-ua-mobile: ?0
sec-ch-ua-platform: "Linux"
Upgrade-Insecure-Requests: 1
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8
Sec-Fetch-Site: same-origin
Sec-Fetch-Mode: navigate
Sec-Fetch-User: ?1
Sec-Fetch-Dest: document
Referer: https://{host}/dashboard/overview?range=30d&sort=newest
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7
Cookie: _ga=GA1.1.1287345612.1712345678; theme=dark; {cookie}={token}; csrftoken=Jd8sKq2mVx7Lw0ZbTn4RyUoE5cHgPiAf; tz=Europe%2FBerlin

""".replace("\n", "\r\n")


@dataclass(frozen=True)
class Session:
    """One signed-in browser, in the form that `gatehouse-test-gateway --sessions` reads."""

    token: str
    tenant: str
    user: str
    email: str
    name: str
    roles: list[str]
    factors: list[str]
    handle: str

    @property
    def host(self) -> str:
        """The host of the session's tenant."""
        return f"{self.tenant}.{DOMAIN}"

    def identity_headers(self) -> dict[str, str]:
        """The fields that the application receives, as interfaces.md spells them."""
        return {
            "X-Tenant-ID": self.tenant,
            "X-User-ID": self.user,
            "X-User-Email": header_text(self.email),
            "X-User-Name": header_text(self.name),
            "X-User-Roles": ",".join(self.roles),
            "X-Auth-Factors": ",".join(self.factors),
            "X-Session-ID": self.handle,
        }


@dataclass(frozen=True)
class Route:
    """A path prefix and the role that it asks for; an empty role asks for any member."""

    name: str
    path: str
    role: str


@dataclass(frozen=True)
class Workload:
    """100 tenants, 50 routes, 10,000 sessions unless told otherwise."""

    tenants: list[str]
    routes: list[Route]
    sessions: list[Session] = field(repr=False)

    def write_sessions(self, path: Path) -> None:
        """The sessions as JSON, for Gatehouse."""
        path.write_text(json.dumps([asdict(session) for session in self.sessions]))

    def write_requests(self, path: Path, fixed_path: str | None = None, sessions: int | None = None) -> None:
        """One line a request (path, host, token, split by tabs), for the load script; of the first `sessions`."""
        lines = (
            f"{fixed_path or self.path_for(number)}\t{session.host}\t{session.token}\n"
            for number, session in enumerate(self.sessions[:sessions])
        )
        path.write_text("".join(lines))

    def path_for(self, number: int) -> str:
        """Members go round the areas; administrators, every tenth session, to the route for them."""
        session = self.sessions[number]
        if "admin" in session.roles:
            return f"/admin/members?page={number % 40}"
        areas = [route for route in self.routes if route.role == "user"]
        return f"{areas[number % len(areas)].path}items/{number}?view=list&sort=newest"


def request_fields(session: Session, path: str) -> list[tuple[str, str]]:
    """The browser's fields as HTTP/2 carries them: without Host and Connection, names in lower case."""
    head = REQUEST_HEAD.format(path=path, host=session.host, token=session.token, cookie=SESSION_COOKIE)
    lines = (line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    return [(name.lower(), value) for name, value in lines if name not in ("Host", "Connection")]


def header_text(text: str) -> str:
    """Percent-encoded UTF-8: `%`, `,`, controls and everything beyond ASCII; the rest stays as it is."""
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b"%," else f"%{byte:02X}" for byte in text.encode()
    )


def make_workload(session_count: int, tenant_count: int = 100, area_count: int = 48) -> Workload:
    """The job of one run.  `area_count` routes for members, one for administrators, one for the rest."""
    source = random.Random("gatehouse benchmark")
    tenants = [f"t{number:03}" for number in range(tenant_count)]
    routes = [Route("admin", "/admin/", "admin")]
    routes += [Route(f"area-{number:02}", f"/area-{number:02}/", "user") for number in range(area_count)]
    routes += [Route("rest", "/", "")]
    return Workload(tenants, routes, [_make_session(source, number, tenants) for number in range(session_count)])


def _make_session(source: random.Random, number: int, tenants: list[str]) -> Session:
    tenant = tenants[number % len(tenants)]
    return Session(
        token=base64.urlsafe_b64encode(source.randbytes(32)).rstrip(b"=").decode(),
        tenant=tenant,
        user=str(uuid.UUID(bytes=source.randbytes(16), version=4)),
        email=f"member-{number:05}@{tenant}.example",
        name=f"{source.choice(FIRST_NAMES)} {source.choice(LAST_NAMES)}",
        roles=["user", "admin"] if number % 10 == 0 else ["user"],
        factors=["password", "totp"],
        handle=base64.urlsafe_b64encode(source.randbytes(12)).decode(),
    )
