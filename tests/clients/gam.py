"""GAM, a command-line tool of Google Workspace administrators: set up for one emulated tenant, and run as usual."""

import csv
import json
import subprocess
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from tests.emulated import HANG, Tenant

PROGRAM = Path(__file__).parents[2] / ".clients" / "gam" / "bin" / "gam"
_SCOPE = "https://www.googleapis.com/auth/gmail.settings."
_GRANTED = {"us_scopes": {"gmail": [_SCOPE + "basic", _SCOPE + "sharing"]}}  # the scopes for acting for people
_EXPIRED = {"token": "", "token_expiry": "2001-01-01T00:00:00Z", "id_token": "", "decoded_id_token": {}}


@dataclass(frozen=True)
class Gam:
    """GAM with its own configuration. It reaches only the emulator's proxy."""

    directory: Path
    proxy: str

    def __call__(self, command: str, *values: str) -> str:
        """Run a command, given as words, with values that may contain spaces, and return the output."""
        ended = self._run(command, *values)
        assert ended.returncode == 0, f"gam {command} {values}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def table(self, command: str, *values: str) -> list[dict[str, str]]:
        """Run a command that prints a table, and return its rows."""
        return list(csv.DictReader(StringIO(self(command, *values))))

    def refused(self, command: str, *values: str) -> str:
        """Run a command that must fail, and return its error output."""
        ended = self._run(command, *values)
        assert ended.returncode != 0, f"gam {command} {values} did not fail\n{ended.stdout}"
        return ended.stderr

    def signature(self, person: str) -> str:
        """Return the stored signature of a person."""
        (row,) = self.table(f"user {person} print signature")
        return row["signature"]

    def _run(self, command: str, *values: str) -> subprocess.CompletedProcess[str]:
        words = [str(PROGRAM), *command.split(), *values]
        proxies = {"HTTPS_PROXY": self.proxy, "HTTP_PROXY": self.proxy}
        environment = {"GAMCFGDIR": str(self.directory), "HOME": str(self.directory), "LANG": "C.UTF-8", **proxies}
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=HANG, check=False)


def set_up(tenant: Tenant, directory: Path) -> Gam:
    """Write the files that `gam create project` and `gam oauth create` leave for an administrator."""
    assert PROGRAM.exists(), f"{PROGRAM} is missing: run `make clients`, which installs it first"
    assert tenant.emulator.proxy, "the emulator runs without a proxy, and GAM finds it by nothing else"
    google = tenant.description["google_workspace"]
    directory.mkdir()
    (directory / "cache").mkdir()
    (directory / "oauth2service.json").write_text(json.dumps({**google["service_accounts"]["writer"], **_GRANTED}))
    (directory / "oauth2.txt").write_text(json.dumps({**google["oauth_client"], **_EXPIRED}))
    (directory / "gam.cfg").write_text(
        "[DEFAULT]\n"
        f"cacerts_pem = {tenant.emulator.ca_file}\n"  # GAM trusts nothing else, whatever the environment says
        f"customer_id = {google['customer_id']}\n"
        f"domain = {google['domain']}\n"
        f"cache_dir = {directory / 'cache'}\n"
        f"drive_dir = {directory}\n"
        "no_browser = true\n"
        "no_update_check = true\n"
        "show_gettings = false\n"
    )
    return Gam(directory, tenant.emulator.proxy)
