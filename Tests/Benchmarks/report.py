"""Medians and ratios of all rounds, as Markdown for readers and as JSON for later comparison."""

import json
from pathlib import Path
from statistics import median

REFERENCE = "haproxy"

#: Figure → (column, digits, whether its ratio to HAProxy is shown).
COLUMNS = {
    "cpu_us_per_request": ("CPU µs per request", 1, True),
    "requests_per_second": ("requests/s", 0, False),
    "core_busy": ("core busy", 2, False),
    "p50_ms": ("p50 ms", 2, False),
    "p99_ms": ("p99 ms", 2, False),
    "idle_kib_per_connection": ("idle KiB per connection", 1, True),
    "cpu_us_per_handshake": ("CPU µs per handshake", 0, True),
    "body_mb_per_cpu_second": ("body MB per CPU s", 0, True),
    "log_lines_per_request": ("log lines per request", 3, False),
}

Rounds = list[dict[str, float]]


def medians(rounds: Rounds) -> dict[str, float]:
    """The median of each figure over the rounds that have it."""
    names = [name for name in COLUMNS if any(name in one for one in rounds)]
    return {name: median(one[name] for one in rounds if name in one) for name in names}


def ratios(rounds: Rounds, reference: Rounds) -> dict[str, float]:
    """Each figure by HAProxy's of the same round, then the median; noise that meets a whole round cancels."""
    found = {}
    for name, (_, _, is_compared) in COLUMNS.items():
        pairs = [(ours, theirs) for ours, theirs in zip(rounds, reference) if name in ours and name in theirs]
        if is_compared and pairs:
            found[name] = median(ours[name] / theirs[name] for ours, theirs in pairs)
    return found


def markdown(figures: dict[str, Rounds], titles: dict[str, str], facts: dict[str, str]) -> str:
    """The whole report."""
    reference = figures.get(REFERENCE)
    shown = [name for name in COLUMNS if any(name in one for rounds in figures.values() for one in rounds)]
    lines = [f"- {name}: {value}" for name, value in facts.items()] + [""]
    lines.append("| | " + " | ".join(COLUMNS[name][0] for name in shown) + " |")
    lines.append("|---|" + "---:|" * len(shown))
    for proxy, rounds in figures.items():
        middle = medians(rounds)
        compared = ratios(rounds, reference) if reference else {}
        cells = [_cell(middle.get(name), COLUMNS[name][1], compared.get(name)) for name in shown]
        lines.append(f"| {titles[proxy]} | " + " | ".join(cells) + " |")
    if reference:
        lines += ["", f"In brackets: the ratio to {titles[REFERENCE]}, round by round, then the median."]
    return "\n".join(lines) + "\n"


def write_results(folder: Path, report: str, figures: dict[str, Rounds], facts: dict[str, str]) -> None:
    """`report.md` and `results.json` in `folder`."""
    reference = figures.get(REFERENCE)
    content = {
        "facts": facts,
        "proxies": {
            proxy: {
                "rounds": rounds, "medians": medians(rounds),
                "ratios": ratios(rounds, reference) if reference else {},
            } for proxy, rounds in figures.items()
        },
    }
    (folder / "results.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    (folder / "report.md").write_text(report)


def _cell(value: float | None, digits: int, ratio: float | None) -> str:
    if value is None:
        return "–"
    text = f"{value:,.{digits}f}"
    return text if ratio is None else f"{text} ({ratio:.2f})"
