"""ScubaGoggles, which CISA publishes, before and after the playbooks for benchmarks: what it says, and why.

On Google only rules of data protection, groups, Chrome and the list of trusted domains have an API that writes. Of
what the scanner judges without a person, none is among them: no verdict changes, and none
for the worse; it leaves 18.1 and 18.2, the rules of data protection, to a person, and reads them all the same.
"""

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clients.test_vendor_libraries import CLIENTS, read_with
from tests.contract.benchmark_ids import bind
from tests.door import Door
from tests.emulated import Tenant

pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="what evaluates Rego is for Linux alone"
    ),
]
_ASKED = (
    "admin.reports.audit.readonly", "admin.directory.domain.readonly", "admin.directory.orgunit.readonly",
    "admin.directory.user.readonly", "admin.directory.rolemanagement.readonly", "admin.directory.group.readonly",
    "admin.directory.customer.readonly", "cloud-identity.policies.readonly", "cloud-identity.inboundsso.readonly",
    "apps.groups.settings", "apps.licensing",
)  # fmt: skip
"""The scopes to which an administrator agrees in the browser before the first scan."""

NOT_MET: Mapping[str, Mapping[str, str]] = {
    "the console sets it, and no API of Google's does": {
        "Fail": "CALENDAR.1.2 CHAT.1.1 CHAT.1.2 CHAT.2.1 COMMONCONTROLS.1.1 COMMONCONTROLS.1.2 COMMONCONTROLS.1.3 "
        "COMMONCONTROLS.1.4 COMMONCONTROLS.1.5 COMMONCONTROLS.4.1 COMMONCONTROLS.5.2 COMMONCONTROLS.5.4 "
        "COMMONCONTROLS.10.1 COMMONCONTROLS.10.4 COMMONCONTROLS.12.1 COMMONCONTROLS.15.1 COMMONCONTROLS.15.2 "
        "DRIVEDOCS.1.6 DRIVEDOCS.3.1 DRIVEDOCS.5.1 GMAIL.5.3 GMAIL.5.5 GMAIL.6.3 GMAIL.7.4 GMAIL.7.6 GMAIL.8.1 "
        "MEET.1.1 MEET.2.1 MEET.3.1",
        "Warning": "ASSUREDCONTROLS.1.1 ASSUREDCONTROLS.1.2 CALENDAR.4.1 CHAT.3.1 CLASSROOM.2.1 CLASSROOM.5.1 "
        "COMMONCONTROLS.5.3 COMMONCONTROLS.16.1 COMMONCONTROLS.17.1 DRIVEDOCS.1.2 DRIVEDOCS.1.7 DRIVEDOCS.2.1 "
        "DRIVEDOCS.4.1 GMAIL.10.1 GROUPS.1.3 GROUPS.3.1",
    },
    "the log of the console tells it, where somebody changed it": {
        "No events found": "ASSUREDCONTROLS.2.1 CHAT.5.1 CHAT.5.2 COMMONCONTROLS.2.1 COMMONCONTROLS.3.1 "
        "COMMONCONTROLS.3.2 GEMINI.1.1 GEMINI.2.1 GMAIL.13.1 GMAIL.16.1 MEET.6.1 MEET.6.2",
    },
    "the DNS administrator publishes it, and CISA's own address among the reports": {
        "Fail": "GMAIL.4.2 GMAIL.4.3",
        "Warning": "GMAIL.4.4",
    },
    "Google's documentation has two words for a file that only its owner opens; the scanner knows one": {
        "Fail": "DRIVEDOCS.1.8",
    },
    "the scanner leaves it to a person": {
        "N/A": "CALENDAR.3.2 COMMONCONTROLS.8.3 COMMONCONTROLS.9.1 COMMONCONTROLS.9.2 COMMONCONTROLS.14.1 "
        "COMMONCONTROLS.14.2 COMMONCONTROLS.16.3 COMMONCONTROLS.16.4 COMMONCONTROLS.18.1 COMMONCONTROLS.18.2 "
        "DRIVEDOCS.1.10 DRIVEDOCS.1.11 DRIVEDOCS.5.2 GEMINI.3.1 GEMINI.3.2 GEMINI.4.1 MEET.6.3",
    },
}
"""What does not pass, by why, with the verdict; all else passes before and after."""
PASSED = 60


EXPECTED = {
    f"GWS.{one}v1": verdict for verdicts in NOT_MET.values() for verdict, ids in verdicts.items() for one in ids.split()
}


def _scan(tenant: Tenant, directory: Path) -> Any:
    """Let the scanner in, as an administrator does in the browser, and give what it says."""
    told = tenant.description["google_workspace"]["oauth_client"]
    agreed = [*told["scopes"], *(f"https://www.googleapis.com/auth/{scope}" for scope in _ASKED)]
    tenant.patch("google.oauthClients", told["client_id"], scopes=agreed)
    directory.mkdir()
    return read_with(
        tenant, CLIENTS / "scubagoggles" / "bin" / "python", Path(__file__).with_name("scan_with_scubagoggles.py"),
        directory, CLIENT=json.dumps(told), DNS=tenant.emulator.line["dns"], HTTPLIB2_CA_CERTS=tenant.emulator.ca_file,
    )  # fmt: skip


def _not_met(scan: Mapping[str, Any]) -> Mapping[str, str]:
    return {one: verdict for one, verdict in scan["verdicts"].items() if verdict != "Pass"}


def test_no_verdict_gets_worse_and_rules_stop_personal_numbers_where_none_did(bare_door: Door, tmp_path: Path) -> None:
    bind(bare_door)

    before = _scan(bare_door.tenant, tmp_path / "before")
    applied, again = (bare_door.toolkit("apply", "--yes") for _ in range(2))
    after = _scan(bare_door.tenant, tmp_path / "after")

    assert (applied.exit, again.exit) == (0, 0), applied.out + again.out
    assert _not_met(before) == EXPECTED
    assert len(before["verdicts"]) == len(EXPECTED) + PASSED
    assert after["verdicts"] == before["verdicts"]
    assert before["stopped"] == {"Staff": []}
    assert after["stopped"] == {bare_door.tenant.domain: ["chat", "drive"], "Staff": []}


def test_the_sample_makes_no_verdict_worse(applied_door: Door, tmp_path: Path) -> None:
    scan = _scan(applied_door.tenant, tmp_path / "scan")

    assert _not_met(scan) == EXPECTED
    assert len(scan["verdicts"]) == len(EXPECTED) + PASSED
