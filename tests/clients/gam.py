"""GAM, a command-line tool of Google Workspace administrators: set up for one emulated tenant, and run as usual."""

import csv
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from tests.emulated import HANG, Tenant

PROGRAM = Path(__file__).parents[2] / ".clients" / "gam" / "bin" / "gam"
_SCOPE = "https://www.googleapis.com/auth/gmail.settings."
_GRANTED = {"us_scopes": {"gmail": [_SCOPE + "basic", _SCOPE + "sharing"]}}  # the scopes for acting for people
_DIRECTORY = ("customer", "device.chromeos", "domain", "group", "orgunit", "resource.calendar", "rolemanagement",
              "user", "userschema")  # fmt: skip
READS = (
    *(f"admin.directory.{name}.readonly" for name in _DIRECTORY), "admin.directory.user.security",
    "admin.chrome.printers.readonly", "admin.reports.audit.readonly", "admin.reports.usage.readonly", "apps.alerts",
    "apps.groups.settings", "apps.licensing", "calendar.acls.readonly", "calendar.readonly",
    "chrome.management.policy.readonly", "cloud-identity.allowlisteddomains.readonly",
    "cloud-identity.devices.readonly", "cloud-identity.groups.readonly", "cloud-identity.inboundsso.readonly",
    "cloud-identity.policies.readonly", "ediscovery.readonly", "gmail.readonly", "gmail.settings.basic",
)  # fmt: skip
"""The permissions with which GAM reads, as `toolkit emulator serve --grant` takes them."""
_FOR_PEOPLE = {  # the permissions that GAM uses through its service account, by its name of the API
    "alertcenter": ["apps.alerts"],
    "calendar": ["calendar.readonly", "calendar.acls.readonly"],
    "cloudidentitydevices": ["cloud-identity.devices.readonly"],
    "gmail": ["gmail.readonly", "gmail.settings.basic"],
}
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
    """Set GAM up for an administrator who may change everything."""
    google = tenant.description["google_workspace"]
    key = {**google["service_accounts"]["writer"], **_GRANTED}
    return _write_configuration(tenant, directory, key, google["oauth_client"])


def set_up_to_read(tenant: Tenant, directory: Path) -> Gam:
    """Set GAM up with an identity of its own, as `toolkit emulator serve --grant` creates it. It may only read."""
    google = tenant.control("PUT", "/grants/gam", {"scopes": ",".join(READS)})["google_workspace"]
    scopes = {api: [f"https://www.googleapis.com/auth/{name}" for name in names] for api, names in _FOR_PEOPLE.items()}
    key = {**google["service_accounts"]["gam"], "us_scopes": scopes}
    return _write_configuration(tenant, directory, key, google["granted_clients"]["gam"])


def _write_configuration(
    tenant: Tenant, directory: Path, key: Mapping[str, object], client: Mapping[str, object]
) -> Gam:
    """Write the files that `gam create project` and `gam oauth create` leave for an administrator."""
    assert PROGRAM.exists(), f"{PROGRAM} is missing: run `make clients`, which installs it first"
    assert tenant.emulator.proxy, "the emulator runs without a proxy, and GAM finds it by nothing else"
    google = tenant.description["google_workspace"]
    directory.mkdir()
    (directory / "cache").mkdir()
    (directory / "oauth2service.json").write_text(json.dumps(key))
    (directory / "oauth2.txt").write_text(json.dumps({**client, **_EXPIRED}))
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
