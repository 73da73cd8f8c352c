"""Medians and ratios of all rounds, as Markdown for readers and as JSON for later comparison."""

import json
from pathlib import Path
from statistics import median

from targets import target_table

REFERENCE = "haproxy"

#: One table each: title, then figure → (column, digits, whether its ratio to HAProxy is shown).
TABLES: dict[str, dict[str, tuple[str, int, bool]]] = {
    "Requests": {
        "cpu_us_per_request": ("CPU µs per request", 1, True),
        "requests_per_second": ("requests/s", 0, False),
        "core_busy": ("core busy", 2, False),
        "p50_ms": ("p50 ms", 2, False),
        "p99_ms": ("p99 ms", 2, True),
        "half_load_p99_ms": ("p99 ms at half load", 2, True),
        "half_load_cpu_us_per_request": ("CPU µs at half load", 1, True),
        "first_cpu_us": ("CPU µs of a session's first", 1, True),
        "log_lines_per_request": ("log lines per request", 3, False),
    },
    "HTTP/2": {
        "http2_10_cpu_us": ("CPU µs, 10 streams", 1, True),
        "http2_10_requests_per_second": ("requests/s", 0, False),
        "http2_32_cpu_us": ("CPU µs, 32 streams", 1, True),
        "http2_32_requests_per_second": ("requests/s", 0, False),
        "idle_kib_per_http2_connection": ("idle KiB per connection", 1, True),
    },
    "Connections, bodies, loops": {
        "idle_kib_per_connection": ("idle KiB per connection", 1, True),
        "cpu_us_per_handshake": ("CPU µs per full handshake", 0, True),
        "cpu_us_per_resumption": ("CPU µs per resumed one", 0, True),
        "body_mb_per_cpu_second": ("body MB per CPU s", 0, True),
        "small_upload_cpu_us": ("CPU µs per 1 KiB upload", 1, True),
        "upload_mb_per_cpu_second": ("upload MB per CPU s", 0, True),
        "two_loops_times": ("two loops do", 2, False),
    },
}
COLUMNS = {name: column for table in TABLES.values() for name, column in table.items()}

Rounds = list[dict[str, float]]


def medians(rounds: Rounds) -> dict[str, float]:
    """The median of each figure over the rounds that have it."""
    names = {name for one in rounds for name in one}
    return {name: median(one[name] for one in rounds if name in one) for name in sorted(names)}


def ratio(rounds: Rounds, reference: Rounds, name: str) -> float | None:
    """A figure by the reference's of the same round, then the median; noise that meets a whole round cancels."""
    pairs = [(ours[name], theirs[name]) for ours, theirs in zip(rounds, reference) if name in ours and name in theirs]
    return median(ours / theirs for ours, theirs in pairs) if pairs else None


def markdown(
    figures: dict[str, Rounds], titles: dict[str, str], notes: dict[str, list[str]], facts: dict[str, str]
) -> str:
    """The whole report."""
    lines = [f"- {name}: {value}" for name, value in facts.items()]
    for title, columns in TABLES.items():
        if shown := [name for name in columns if any(name in one for rounds in figures.values() for one in rounds)]:
            lines += ["", f"{title}:", "", *_table(figures, titles, shown)]
    lines += target_table(figures)
    if REFERENCE in figures:
        lines += ["", f"In brackets: the ratio to {titles[REFERENCE]}, round by round, then the median."]
    lines += [f"{titles.get(name, name)}: {'; '.join(notes[name])}." for name in notes if notes[name]]
    return "\n".join(lines) + "\n"


def write_results(
    folder: Path, report: str, figures: dict[str, Rounds], notes: dict[str, list[str]], facts: dict[str, str]
) -> None:
    """`report.md` and `results.json` in `folder`."""
    reference = figures.get(REFERENCE, [])
    content = {
        "facts": facts,
        "proxies": {
            proxy: {
                "rounds": rounds, "medians": medians(rounds), "notes": notes.get(proxy, []),
                "ratios": {name: ratio(rounds, reference, name) for name in medians(rounds)},
            } for proxy, rounds in figures.items()
        },
    }
    (folder / "results.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    (folder / "report.md").write_text(report)


def _table(figures: dict[str, Rounds], titles: dict[str, str], shown: list[str]) -> list[str]:
    reference = figures.get(REFERENCE)
    lines = [
        "| | " + " | ".join(COLUMNS[name][0] for name in shown) + " |",
        "|---|" + "---:|" * len(shown),
    ]
    for proxy, rounds in figures.items():
        middle = medians(rounds)
        cells = []
        for name in shown:
            _, digits, is_compared = COLUMNS[name]
            compared = ratio(rounds, reference, name) if reference and is_compared else None
            cells.append(_cell(middle.get(name), digits, compared))
        lines.append(f"| {titles[proxy]} | " + " | ".join(cells) + " |")
    return lines


def _cell(value: float | None, digits: int, compared: float | None) -> str:
    if value is None:
        return "–"
    text = f"{value:,.{digits}f}"
    return text if compared is None else f"{text} ({compared:.2f})"
