"""Programs that tests use in addition to Python: a browser and PostgreSQL. `make services` installs them on Debian."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/toolkit-tests.conf")
"""Debian's package reads it when it is installed. See pg_createcluster(1)."""


def find_browser() -> Path | None:
    """Return the path of a browser, or None if this machine has none."""
    paths = [path for name in BROWSERS if (path := shutil.which(name))]
    return Path(paths[0]) if paths else None


def find_postgres(debian: Path = DEBIAN_POSTGRES) -> Path | None:
    """Return the folder of PostgreSQL's server programs, or None if this machine has none.

    Debian does not put them on PATH. It has a folder for each version, and the newest is returned.
    """
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    versions = [path.parent for path in debian.glob("*/bin/initdb")]
    return max(versions, key=lambda path: float(path.parent.name), default=None)


def find_ssh_keygen() -> Path | None:
    """Return the path of ssh-keygen, or None if this machine does not have it."""
    path = shutil.which("ssh-keygen")
    return Path(path) if path else None


SERVICES: dict[str, tuple[str, Callable[[], Path | None]]] = {
    "Chromium": ("chromium", find_browser),
    "PostgreSQL": ("postgresql", find_postgres),
    "ssh-keygen": ("openssh-client", find_ssh_keygen),
}
"""For each service, the Debian package and the function that finds the program."""


REMEDY = "Run `make services`."


def require_service(name: str) -> Path:
    """Return the path of a service. Skip the test if this machine does not have the service."""
    import pytest  # the Python that runs `make services` may not have it

    _, find = SERVICES[name]
    path = find()
    if path is None:
        pytest.skip(f"{name} is not installed. {REMEDY}")
    return path


def missing_services() -> dict[str, str]:
    """Return the Debian package of each service that this machine does not have."""
    return {name: package for name, (package, find) in SERVICES.items() if find() is None}


def main() -> str | None:
    """Install the missing services. Return an error if any is still missing, else None."""
    missing = missing_services()
    if not missing:
        return None
    names, packages = " and ".join(missing), list(missing.values())
    if not shutil.which("apt-get"):
        return f"{names} not found, and this system has no apt-get. Install {names} with its package manager."
    if os.geteuid() != 0:
        return f"{names} not found. Run as root: apt-get install {' '.join(packages)}"
    sys.stderr.write(f"Installing {names} with apt-get\n")
    with _without_cluster() if "postgresql" in packages else nullcontext():
        error = _install(packages)
    if error is None and (missing := missing_services()):
        error = f"apt-get succeeded, but {' and '.join(missing)} not found."
    return error


def _install(packages: Sequence[str]) -> str | None:
    """Install Debian packages. Return apt-get's messages if it failed."""
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        command = ["apt-get", "-o", "Acquire::Retries=3", "--quiet=2", *arguments]
        run = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if run.returncode != 0:
            return f"{run.stdout}{' '.join(command)} failed with exit code {run.returncode}."
    return None


@contextmanager
def _without_cluster() -> Iterator[None]:
    """Keep Debian's package from creating and starting a server, because tests start their own."""
    os.umask(0o022)  # the package keeps the permissions of folders that exist before it
    NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    NO_CLUSTER.write_text("create_main_cluster = off\n", encoding="utf-8")
    try:
        yield
    finally:
        NO_CLUSTER.unlink()
        with suppress(OSError):  # the folder has other files
            NO_CLUSTER.parent.rmdir()


if __name__ == "__main__":
    sys.exit(main())
