"""IntuneCD, with which trusts keep Intune in git: set up for one emulated tenant, and run as in a pipeline."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.emulated import HANG, Tenant

PROGRAMS = Path(__file__).parents[2] / ".clients" / "intunecd" / "bin"
_NOT_THERE = ("APNs", "ManagedGooglePlay")  # the backup fails if they are not set up


@dataclass(frozen=True)
class IntuneCD:
    """IntuneCD with a directory of backups. It reaches only the emulator's proxy."""

    directory: Path
    environment: Mapping[str, str]

    def back_up(self) -> str:
        """Write a backup of everything into the directory, and return the output."""
        return self._run("IntuneCD-startbackup", "-o", "json", "--exclude", *_NOT_THERE)

    def back_up_entra(self) -> dict[str, dict[str, Any]]:
        """Write a backup of Entra's policies into the directory, and return the policies by the name of their file."""
        self._run("python", str(Path(__file__).with_name("back_up_entra_with_intunecd.py")), str(self.directory))
        files = (self.directory / "Entra").rglob("*.json")
        return {path.stem: json.loads(path.read_text()) for path in files}

    def update(self) -> str:
        """Change the tenant to the state in the directory, and return the output."""
        return self._run("IntuneCD-startupdate")

    def compliance_policies(self) -> dict[str, dict[str, Any]]:
        """Return the compliance policies of the backup by their file names, without the type at the end."""
        return {path.stem.rpartition("_")[0]: json.loads(path.read_text()) for path in self._policies()}

    def edit(self, policy: str, **changes: object) -> None:
        """Change a compliance policy in the backup, as in a git commit."""
        (path,) = [path for path in self._policies() if path.stem.rpartition("_")[0] == policy]
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}, indent=4))

    def _policies(self) -> list[Path]:
        return sorted((self.directory / "Compliance Policies" / "Policies").glob("*.json"))

    def _run(self, program: str, *options: str) -> str:
        common = () if program == "python" else ("-m", "1", "-p", str(self.directory))
        words = [str(PROGRAMS / program), *common, *options]
        ended = subprocess.run(
            words, env=dict(self.environment), capture_output=True, text=True, timeout=HANG, check=False
        )
        said = f"{ended.stdout}\n{ended.stderr}"
        assert ended.returncode == 0, f"{words}: {ended.returncode}\n{said}"
        assert "[ERROR]" not in said, said  # it continues after most errors
        return ended.stdout


def set_up(tenant: Tenant, directory: Path) -> IntuneCD:
    """Set up IntuneCD with the application that may write, through the variables of a pipeline."""
    assert PROGRAMS.exists(), f"{PROGRAMS} is missing: run `make clients`, which installs it first"
    assert tenant.emulator.proxy, "the emulator runs without a proxy, and IntuneCD finds it by nothing else"
    directory.mkdir()
    application = tenant.applications["writer"]
    environment = {
        "TENANT_NAME": tenant.domain,
        "CLIENT_ID": application["client_id"],
        "CLIENT_SECRET": application["client_secret"],
        "HTTPS_PROXY": tenant.emulator.proxy,
        "REQUESTS_CA_BUNDLE": tenant.emulator.ca_file,
        "HOME": str(directory),
        "LANG": "C.UTF-8",
    }
    return IntuneCD(directory, environment)
