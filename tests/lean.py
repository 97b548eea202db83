"""`make lean`: the small installation of docs/real-tenant.md, its size, and runs on a tenant that is live to it.

The tenant is emulated by this environment. Its proxy answers for the vendors' host names, so that the small
installation, which has no emulator, works as on a real tenant.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.door import Door, open_door
from tests.emulated import Emulator, Tenant, running
from tests.week.school import playbooks

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "real-tenant.md"
DOMAIN = "oak-primary.example"
RUNS = ("doctor", "validate", "plan", "drift", "check", "permissions")


def main() -> int:
    """Run the commands of the page in the environment of the first argument, and return 0 if it works as before."""
    environment = Path(sys.argv[1]).resolve()
    before = megabytes(environment)
    with TemporaryDirectory() as folder, running(Path(folder) / "emulator", "--proxy", "0") as emulator:
        tenant = emulator.open_tenant(users=24, staff=14, school={"domain": DOMAIN})
        door = live_school(emulator, tenant, Path(folder))
        full = [run(environment, door, emulator, command) for command in RUNS]
        delete_unused(environment)
        after = megabytes(environment)
        lean = [run(environment, door, emulator, command) for command in RUNS]
    for command, whole, small in zip(RUNS, full, lean, strict=True):
        _say(f"{command}: exit code {whole[0]} before, {small[0]} after")
        if small[0] in {1, 2}:
            _say(small[1])
    _say(f"{before} MB before, {after} MB after")
    broken = [small[1] for small in lean if "Traceback" in small[1] or "ModuleNotFoundError" in small[1]]
    _say("".join(broken))
    unusable = [code for code, _ in lean if code in {1, 2}]  # it did not get as far as reading
    return int(bool(broken or unusable) or [code for code, _ in full] != [code for code, _ in lean])


def delete_unused(environment: Path) -> None:
    """Run the commands of the page with the environment's own Python."""
    section = PAGE.read_text().partition("## A smaller installation")[2]
    (commands,) = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    path = f"{environment / 'bin'}:{os.environ['PATH']}"
    subprocess.run(["sh", "-eu", "-c", commands], env={**os.environ, "PATH": path}, check=True)


def megabytes(environment: Path) -> int:
    files = (file for file in environment.rglob("*") if file.is_file() and not file.is_symlink())
    return round(sum(file.stat().st_size for file in files) / 10**6)


def live_school(emulator: Emulator, tenant: Tenant, folder: Path) -> Door:
    """Return a school with rules for both clouds whose settings name a live tenant, with both identities."""
    (folder / "school").mkdir()
    door = open_door(tenant, folder / "school", samples=False)
    for name, text in playbooks().items():
        door.write(name, text)
    for path in door.playbooks.rglob("*.yaml"):
        path.write_text(path.read_text().replace("example-primary.example", DOMAIN))
    variables = {"TOOLKIT_STATE": str(folder / "state"), "TOOLKIT_TARGET": "live", "TOOLKIT_CA_FILE": emulator.ca_file}
    google = tenant.description["google_workspace"]
    for identity, name in (("READ", "reader"), ("WRITE", "writer")):
        key = folder / f"{name}.json"
        key.touch(mode=0o600)
        key.write_text(json.dumps(google["service_accounts"][name]))
        variables |= {
            f"TOOLKIT_{identity}_MICROSOFT365_AUTH": "secret",
            f"TOOLKIT_{identity}_MICROSOFT365_CLIENT_ID": tenant.applications[name]["client_id"],
            f"TOOLKIT_{identity}_MICROSOFT365_CLIENT_SECRET": tenant.applications[name]["client_secret"],
            f"TOOLKIT_{identity}_GOOGLE_AUTH": "key",
            f"TOOLKIT_{identity}_GOOGLE_KEY_FILE": str(key),
            f"TOOLKIT_{identity}_GOOGLE_ADMIN": str(google["administrator"]),
        }
    return Door(tenant, door.playbooks, folder / "state", variables)


def run(environment: Path, door: Door, emulator: Emulator, command: str) -> tuple[int, str]:
    """Run a command of the environment's toolkit, and return its exit code and its output."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    ended = subprocess.run(
        [environment / "bin" / "toolkit", command, str(door.playbooks)],
        cwd=door.playbooks.parent,
        env={**others, **door.variables, "HTTPS_PROXY": str(emulator.proxy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
