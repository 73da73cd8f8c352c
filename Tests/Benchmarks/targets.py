"""What Gatehouse is meant to reach, held against what was measured; a miss is called a miss."""

from dataclasses import dataclass
from statistics import median

SUBJECT = "gatehouse"


@dataclass(frozen=True)
class Target:
    """One bound: of a figure of Gatehouse itself, or of its ratio to another proxy's in the same round."""

    title: str
    figure: str
    bound: float
    #: None: the figure itself is bounded.
    against: str | None = None
    is_least: bool = False

    def value(self, figures: dict[str, list[dict[str, float]]]) -> float | None:
        """The median over the rounds; None where something of it was not measured."""
        ours = figures.get(SUBJECT, [])
        if self.against is None:
            values = [one[self.figure] for one in ours if self.figure in one]
        else:
            values = [
                one[self.figure] / other[self.figure] for one, other in zip(ours, figures.get(self.against, []))
                if self.figure in one and self.figure in other
            ]
        return median(values) if values else None

    def is_met(self, value: float) -> bool:
        """As the figure is shown, with two digits."""
        return round(value, 2) >= self.bound if self.is_least else round(value, 2) <= self.bound


TARGETS = [
    Target("CPU per request, by HAProxy's", "cpu_us_per_request", 0.65, "haproxy"),
    Target("CPU per request, by nginx's with Lua", "cpu_us_per_request", 0.50, "nginx-lua"),
    Target("CPU per request, by nginx's with auth_request and its service", "cpu_us_per_request", 0.50,
           "nginx-auth-request"),
    Target("CPU per request, by Envoy's with jwt_authn", "cpu_us_per_request", 0.20, "envoy"),
    Target("CPU per request over HTTP/2 with 10 streams, by HAProxy's", "http2_10_cpu_us", 0.65, "haproxy"),
    Target("CPU per request over HTTP/2 with 32 streams, by HAProxy's", "http2_32_cpu_us", 0.65, "haproxy"),
    Target("bytes of 1 MiB bodies per CPU second, by nginx's", "body_mb_per_cpu_second", 1, "nginx", is_least=True),
    Target("bytes of 1 MiB bodies per CPU second, by HAProxy's", "body_mb_per_cpu_second", 1, "haproxy",
           is_least=True),
    Target("CPU per full handshake, by nginx's", "cpu_us_per_handshake", 1, "nginx"),
    Target("CPU per resumed handshake, by nginx's", "cpu_us_per_resumption", 1, "nginx"),
    Target("p99 with 64 connections, by HAProxy's", "p99_ms", 1, "haproxy"),
    Target("p99 at half load, by HAProxy's", "half_load_p99_ms", 1, "haproxy"),
    Target("KiB of an idle TLS connection", "idle_kib_per_connection", 15),
    Target("KiB of an idle HTTP/2 connection", "idle_kib_per_http2_connection", 40),
    Target("two loops against one", "two_loops_times", 1.8, is_least=True),
]


def target_table(figures: dict[str, list[dict[str, float]]]) -> list[str]:
    """Markdown; nothing where Gatehouse was not measured."""
    rows = []
    for target in TARGETS:
        if (value := target.value(figures)) is not None:
            bound = f"{'at least' if target.is_least else 'at most'} {target.bound:g}"
            rows.append(f"| {target.title} | {bound} | {value:.2f} | {'met' if target.is_met(value) else 'missed'} |")
    return ["", "Targets:", "", "| | target | measured | |", "|---|---|---:|---|", *rows] if rows else []
