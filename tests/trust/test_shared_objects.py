"""`--school` touches one slice only: the removal of an app, and the policies of a Chrome unit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.door import CommandResult, Door
from tests.emulated import Emulator, Tenant
from tests.trust.tree_schools import open_tree_door, write_trust

HEAD = "playbook: rules\ntitle: Rules\nowner: Chief Executive\ncontrols:\n"
WIDE = ("--yes", "--reach", "1000", "--lose", "1000")
ONLY_REMOVAL = ("--only", "microsoft365.managed_app_removal[com.whatsapp]")
BLOCK = f"{HEAD}  - web.chat_im_block: {{for: staff, block: [whatsapp]}}\n"
HOMES = "people: {home_from: department, homes: {Oak: OAK, Elm: ELM}}\n"


@pytest.fixture
def door(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    with open_tree_door(emulator, tmp_path) as opened:
        yield opened


def _folder(door: Door) -> Path:
    return door.playbooks.parent / "trust"


def _write(door: Door, rules: str, **options: Any) -> Path:
    """Write a trust of two schools on Microsoft 365, in which the department names a person's home."""
    folder = write_trust(_folder(door), door.tenant, ["OAK", "ELM"], rules, **options)
    (folder / "trust.yaml").write_text((folder / "trust.yaml").read_text() + HOMES)
    return folder


def _apply(door: Door, folder: Path, *options: str) -> CommandResult:
    applied = door("apply", folder, *WIDE, *options)
    assert applied.exit == 0, applied.out + applied.err
    return applied


def _removals(tenant: Tenant) -> set[str]:
    """Return the schools from whose groups WhatsApp is removed."""
    groups = {key: str(group["displayName"]) for key, group in tenant.objects("groups").items()}
    apps = tenant.graph("/beta/deviceAppManagement/mobileApps?$expand=assignments").json()["value"]
    (app,) = [app for app in apps if app.get("packageId") == "com.whatsapp"]
    rows: list[dict[str, Any]] = [row for row in app["assignments"] if row["intent"] == "uninstall"]
    return {groups[row["target"]["groupId"]].split()[0] for row in rows if "groupId" in row["target"]}


def test_an_app_is_removed_from_the_devices_of_the_named_school_only(door: Door) -> None:
    folder = _write(door, BLOCK)

    _apply(door, folder, "--school", "OAK", *ONLY_REMOVAL)
    after_oak = _removals(door.tenant)
    planned = door("plan", folder, "--school", "OAK", *ONLY_REMOVAL)
    _apply(door, folder, "--school", "ELM", *ONLY_REMOVAL)

    assert after_oak == {"Oak"}
    assert planned.exit == 0, planned.out
    assert _removals(door.tenant) == {"Oak", "Elm"}
    assert door("plan", folder, "--school", "OAK", *ONLY_REMOVAL).exit == 0


def test_a_chrome_policy_belongs_to_the_school_of_its_unit(door: Door) -> None:
    folder = write_trust(_folder(door), door.tenant, ["OAK", "ELM"], BLOCK, clouds=["google_workspace"])

    planned = door("plan", folder, "--school", "OAK", "--json").json
    _apply(door, folder, "--school", "OAK")

    addresses = [change["address"] for change in planned["changes"] if "chrome_policy" in change["address"]]
    assert addresses
    assert all("/Oak" in address for address in addresses)
    assert door("plan", folder, "--school", "OAK").exit == 0
    rest = door("plan", folder, "--json").json["changes"]
    assert rest
    assert all("/Elm" in change["address"] for change in rest if "chrome_policy" in change["address"])
