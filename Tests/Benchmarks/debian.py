"""The tools of the comparison, from Debian's own packages."""

import os
import shutil
import subprocess
from pathlib import Path

#: Command, or file → package.
TOOLS = {
    "haproxy": "haproxy", "nginx": "nginx-light", "wrk": "wrk", "h2load": "nghttp2-client", "taskset": "util-linux",
    "openssl": "openssl", "strace": "strace", "perf": "linux-perf",
    "valgrind": "valgrind",
    "/usr/lib/nginx/modules/ngx_http_lua_module.so": "libnginx-mod-http-lua",
}
#: Only the steps of the same name need these.
OPTIONAL = {"strace", "perf", "valgrind"}
POLICY = Path("/usr/sbin/policy-rc.d")


class MissingTool(Exception):
    """A needed command is neither there nor to be had."""


def install_tools(steps: set[str]) -> None:
    """Installs what is not there; the packages' own services are kept from starting.

    `steps` names the optional tools that this run cannot do without; raises `MissingTool`.
    """
    optional = OPTIONAL - steps
    missing = [command for command in TOOLS if shutil.which(command) is None and not Path(command).is_file()]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        packages = " ".join(TOOLS[command] for command in missing)
        if not optional.issuperset(missing):
            raise MissingTool(f"missing: {', '.join(missing)}; as root on Debian: apt-get install {packages}")
        return
    kept_from_starting = not POLICY.exists()
    if kept_from_starting:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        _apt_get("update")
        for command in missing:
            if _apt_get("install", "--yes", "--no-install-recommends", TOOLS[command]) or command in optional:
                continue
            raise MissingTool(f"apt-get could not install {TOOLS[command]}")
    finally:
        if kept_from_starting:
            POLICY.unlink()


def _apt_get(*arguments: str) -> bool:
    environment = {key: value for key, value in os.environ.items() if key != "OPENSSL_CONF"}
    environment["DEBIAN_FRONTEND"] = "noninteractive"
    return subprocess.run(["apt-get", "--quiet", *arguments], env=environment).returncode == 0
