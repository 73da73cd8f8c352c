"""Where and with what a run took place."""

import datetime
import os
import platform
import shlex
import ssl
import subprocess
import sys
from pathlib import Path

CERTIFICATE_NAMES = "DNS:*.example.org,DNS:example.org"


def describe_machine(command: list[str]) -> dict[str, str]:
    """Date, processor, kernel, library versions and the command line."""
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine())
    system = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split(" Copyright")[0]
    h2load = subprocess.run(["h2load", "--version"], capture_output=True, text=True).stdout.strip()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": f"{os.cpu_count()} × {model}",
        "kernel": platform.release(),
        "system": system.get("PRETTY_NAME", "").strip('"'),
        "openssl": ssl.OPENSSL_VERSION,
        "load": f"{wrk}; {h2load}",
        "load average at start": " ".join(f"{value:.2f}" for value in os.getloadavg()),
        "command": shlex.join(["Tests/Benchmarks/run", *command]),
    }


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed ECDSA P-256 pair for every host of the job: certificate and key, PEM."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
         "-subj", "/CN=app.example.org", "-addext", f"subjectAltName={CERTIFICATE_NAMES}",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
    key.chmod(0o600)
    return certificate, key


def check_cores(proxy_core: int, load_core: int) -> None:
    """Ends the run where the two cores are not two."""
    available = os.sched_getaffinity(0)
    if proxy_core == load_core or not {proxy_core, load_core} <= available:
        sys.exit(f"the proxy and the load need a core each; this process may use {sorted(available)}")
