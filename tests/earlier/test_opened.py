"""What an earlier commit wrote still works: its playbooks, its ledger, its reviewed plan, and its tenants' objects.

`written-by-4d70ac2.tar.xz` holds the samples applied by that commit to an emulated tenant of 24 people, and a plan that
adds one transport rule. Keys and secrets of the emulator were taken out; the emulator makes new ones. 4d70ac2 is the
last commit before modules and classes were moved and renamed.
"""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.door import Door
from tests.emulated import Tenant, running
from toolkit import __version__

ARCHIVE = Path(__file__).parent / "written-by-4d70ac2.tar.xz"
TENANT_ID = "c28f3737-3c99-4a3c-a1a1-f49d38b0ab3e"

_FILTER = "assignments[].target.deviceAndAppManagementAssignmentFilter"
NOT_READ_THEN = ["excluded", f"{_FILTER}Id", f"{_FILTER}Type"]
"""What narrows objects of the school, which that commit did not compare."""

JOINED_SINCE = (
    "google_workspace.chrome_policy[users.UrlBlocking @ group:trip-leaders@example-primary.example in /Staff]"
)
"""A list for a group took from its members what their unit has: that commit wrote it so, and a plan puts it right."""


@pytest.fixture
def earlier_door(tmp_path: Path) -> Iterator[Door]:
    """Unpack the school that the earlier commit left, and run its emulated tenants."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian 12's Python, 3.11.2, has none
        archive.extractall(tmp_path)
    with running(tmp_path / "emulator") as emulator:
        tenant = Tenant(emulator, emulator.control("GET", f"/tenants/{TENANT_ID}"))
        (tmp_path / "state" / "emulator" / "serve.json").write_text(json.dumps(dict(emulator.line)))
        yield Door(tenant, tmp_path / "playbooks", tmp_path / "state", {"TOOLKIT_STATE": str(tmp_path / "state")})


def test_what_an_earlier_commit_wrote_still_works(earlier_door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger verifies, the plan of another version must be reviewed again, and a second run has nothing to do."""
    monkeypatch.chdir(earlier_door.playbooks.parent)  # a plan finds its playbooks in the school's folder
    verified = earlier_door("audit", "verify")
    assert verified.exit == 0, verified.err

    joined = earlier_door.toolkit("apply", "--only", JOINED_SINCE, "--yes")
    assert (joined.exit, "1 change done" in joined.out) == (0, True), joined.err
    refused = earlier_door("apply", earlier_door.playbooks.parent / "reviewed.plan", "--yes")
    assert refused.exit == 5
    assert f"was made by toolkit 0.1.0, and this is {__version__}. Make and review a new plan" in refused.err
    applied = earlier_door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.err
    rules = earlier_door.tenant.objects("exchange.transportRules").values()
    assert [rule["Name"] for rule in rules if "leaders" in rule["Name"]] == ["Mark mail to the leaders"]

    drift = earlier_door.toolkit("drift", "--json")
    assert (drift.exit, [found["path"] for found in drift.json["findings"]]) == (3, NOT_READ_THEN), drift.err
    assert not any(drift.json["summary"][name] for name in ("create", "update", "delete", "move")), drift.out
    assert earlier_door("audit", "verify").exit == 0
