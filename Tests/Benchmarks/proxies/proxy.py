"""What all compared proxies have in common."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from processes import PinnedProcess
from workload import Workload


@dataclass(frozen=True)
class Stage:
    """Where a proxy runs: its job, its certificate, the application behind it, its cores and folder."""

    workload: Workload
    certificate: Path
    key: Path
    upstream_port: int
    #: As taskset takes them: `0`, or `0,1` for two loops.
    cores: str
    folder: Path

    @property
    def loops(self) -> int:
        """One for each core."""
        return self.cores.count(",") + 1


class Proxy:
    """A proxy as a running process.  A subclass writes the configuration and starts it."""

    #: The name on the command line and in the results.
    name = ""
    #: The name in the report.
    title = ""
    #: Whether it looks sessions up; the others are there for context.
    authenticates = True
    #: The package that carries it, where Debian has none.
    package = ""
    #: What of the job it leaves undone, for the report; empty where it does all of it.
    leaves_undone: tuple[str, ...] = ()
    #: Whether the application may see the session's cookie, because the proxy cannot take it out of the field.
    forwards_own_cookie = False
    #: Whether it makes an X-Request-ID.
    sets_request_id = True

    def __init__(self, stage: Stage):
        self.stage = stage
        self.folder = stage.folder / self.name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.access_log = self.folder / "access.log"
        self.port = 0
        self.process: PinnedProcess | None = None

    @classmethod
    def version(cls) -> str:
        """One line for the report."""
        raise NotImplementedError

    @classmethod
    def workload(cls, workload: Workload) -> Workload:
        """The job with tokens of the kind that this proxy reads."""
        return workload

    def start(self) -> None:
        """Serves on `self.port` when this returns; raises `StartFailed`."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ends the process that `start` started."""
        if self.process is not None:
            self.process.stop()
            self.process = None

    def write(self, name: str, text: str) -> Path:
        """A file in this proxy's own folder, readable by its owner only."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        return path

    def log_lines(self) -> int:
        """Lines of the access log since `empty_log`; 0 where there is none."""
        if not self.access_log.exists():
            return 0
        with open(self.access_log, "rb") as log:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: log.read(1 << 20), b""))

    def empty_log(self) -> None:
        """Frees the disk between measurements; a proxy that does not append goes on behind a hole of zeros."""
        if self.access_log.exists():
            with open(self.access_log, "r+b") as log:
                log.truncate(0)
