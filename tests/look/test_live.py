"""A look at live services, which are the emulator behind a proxy: a browser follows the addresses that it shows."""

import os
import re
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

from requests import Session

from tests.door import ask, open_door
from tests.emulated import HANG, Emulator, Tenant

_DOMAIN = "oak-primary.example"
_SHOWN = re.compile(r"open this address in a browser on this computer within 5 minutes: (https://\S+)")


def _visit(emulator: Emulator, address: str, person: str) -> None:
    """Do as a browser does behind the proxy: say who it is, agree, and come back to this computer."""
    with Session() as browser:
        browser.verify, browser.trust_env = emulator.ca_file, False
        proxies = {"https": str(emulator.proxy)}
        hint = f"{address}&login_hint={person}"
        came = browser.get(hint, proxies=proxies, allow_redirects=False, timeout=HANG)
        assert came.status_code == 302, came.text
        browser.get(came.headers["Location"], timeout=HANG)


def _administrator(tenant: Tenant) -> str:
    user = next(user for user in tenant.objects("users").values() if user.get("jobTitle") == "IT Technician")
    return str(user["userPrincipalName"])


def test_the_person_s_own_tenant_is_looked_at(emulator: Emulator, tmp_path: Path) -> None:
    school = {"name": "Oak Primary School", "domain": _DOMAIN, "initial_domain": "oakprimary.onmicrosoft.example"}
    tenant = emulator.borrow_tenant(users=30, staff=20, school=school)
    settings = {"TOOLKIT_CA_FILE": emulator.ca_file, "TOOLKIT_PATIENCE": "1", "HTTPS_PROXY": str(emulator.proxy)}
    words = [sys.executable, "-m", "toolkit", "look", "-o", "out", "--live"]
    shown: list[str] = []

    with subprocess.Popen(words, cwd=tmp_path, stderr=PIPE, stdout=PIPE, text=True, env=_environment(settings)) as run:
        assert run.stderr
        assert run.stdout
        for line in run.stderr:
            shown.append(line)
            if found := _SHOWN.search(line):
                _visit(emulator, found[1], _administrator(tenant))
        out = run.stdout.read()
        code = run.wait(HANG)

    said, addresses = "".join(shown), _SHOWN.findall("".join(shown))
    tenant.close()
    assert code in {0, 4}, said  # whether this machine's DNS says that there is no such domain, or nothing
    page = (tmp_path / "out" / "look.html").read_text()
    assert len(addresses) == 2
    assert said.index("may include more than toolkit uses") < said.index(addresses[0])
    assert "Google Workspace is not read: Google does not publish a client" in said
    assert all("/organizations/oauth2/v2.0/authorize" in address for address in addresses)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert "Google Workspace</th>" not in page
    assert "Oak Primary School" in page
    assert "Practice" not in page
    assert f"--tenants {tenant.tenant_id}" in out


def test_a_refused_google_sign_in_leaves_what_microsoft_shows(emulator: Emulator, tmp_path: Path) -> None:
    tenant = emulator.borrow_tenant(users=30, staff=20)
    for key, user in tenant.objects("google.users").items():
        tenant.patch("google.users", key, isAdmin=False, roles=user.get("roles"))
    door = open_door(tenant, tmp_path, samples=False)
    answered = ask("look", "-o", tmp_path / "out", "--tenant", tenant.tenant_id, **door.variables)
    tenant.close()

    assert answered.exit == 4
    page = (tmp_path / "out" / "look.html").read_text()
    assert "Google Workspace: Google refused the sign-in: the person declined" in page
    assert "Administrators with all rights" in page


def _environment(settings: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    return {**{name: value for name, value in kept.items() if not name.startswith("TOOLKIT_")}, **settings}
