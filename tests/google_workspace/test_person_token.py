"""Reading Google Workspace as an administrator who signs in by the school's own OAuth client."""

import json
from pathlib import Path
from threading import Thread

import pytest
from requests import Session

from connectors.google_workspace import PROVIDER
from connectors.google_workspace.person_token import SCOPES
from tests.emulated import HANG, Emulator, Tenant
from toolkit.controls.control import controls
from toolkit.errors import Refused
from toolkit.look.facts import controls_for_questions, read_question_table
from toolkit.school.school import Tenant as OfSchool
from toolkit.sdk.connector import AttendedSignIn, Identity, Target
from toolkit.sdk.permission import Sort, Use
from toolkit.sdk.providers import check_needs, kinds

_PREFIX = "https://www.googleapis.com/auth/"


def _browser(emulator: Emulator, tenant: Tenant, shown: list[str]) -> AttendedSignIn:
    """Sign in as a person does who is shown an address, behind the proxy that stands for the real services."""

    def visit(address: str) -> None:
        with Session() as browser:
            browser.verify, browser.trust_env = emulator.ca_file, False
            hint = f"{address}&login_hint={tenant.description['google_workspace']['administrator']}"
            came = browser.get(hint, proxies={"https": str(emulator.proxy)}, allow_redirects=False, timeout=HANG)
            browser.get(came.headers["Location"], timeout=HANG)

    def show(text: str) -> None:
        shown.append(text)
        Thread(target=visit, args=(text.rpartition(" ")[2],)).start()

    return AttendedSignIn(show)


def test_an_administrator_signs_in_once_on_live_services(
    emulator: Emulator, tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", str(emulator.proxy))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(Path(__file__)))  # the school's own TOOLKIT_CA_FILE counts
    client = tmp_path / "client.json"
    client.write_text(json.dumps({"installed": tenant.description["google_workspace"]["sign_in_client"]["installed"]}))
    client.chmod(0o600)
    shown: list[str] = []
    target = Target(
        name="live",
        variables={"TOOLKIT_GOOGLE_SIGN_IN_CLIENT": str(client)},
        ca_file=Path(emulator.ca_file),
        attended_sign_in=_browser(emulator, tenant, shown),
    )

    for _ in range(2):  # a second connection of the same command signs no one in again
        connection = PROVIDER.connect(target, OfSchool("", ""), identity=Identity.READ, read_only=True)
        assert connection.tenant().id == tenant.customer_id
        with pytest.raises(Refused, match="may write, so this sign-in does not request it"):
            connection.groups_settings.get(f"all-staff@{tenant.domain}")
        connection.close()

    assert len(shown) == 1
    assert "login_hint" not in shown[0]
    assert all(_PREFIX.replace(":", "%3A").replace("/", "%2F") + scope in shown[0] for scope in SCOPES)


def test_the_scopes_are_those_that_a_look_reads_by_and_only_read() -> None:
    assert all(scope.endswith(".readonly") for scope in SCOPES)
    left_out = {name.partition(".")[2] for name in read_question_table()["left_out"]}
    needed = [
        need
        for name, kind in kinds("google_workspace").items()
        if not (kind.per_person or name in left_out)
        for need in kind.permissions.read
    ]
    for name, written in controls_for_questions("google_workspace").items():
        needed += check_needs("google_workspace")[name](controls()[name].settings.model_validate(written))
    for use in (Use.TENANT, Use.PEOPLE, Use.UNITS):
        needed += PROVIDER.uses()[use].read
    assert {need.name.removeprefix(_PREFIX) for need in needed if need.sort is Sort.SCOPE} <= set(SCOPES)
