"""GAM and what toolkit places in Vault: an administrator sees it, and GAM takes it away as its own."""

import pytest

from tests.clients.gam import Gam
from tests.emulated import Tenant
from tests.google_workspace.connected import connect
from tests.google_workspace.held import CASE, HOLDS, matters, person, place_all, standings
from toolkit.sdk.legal_holds import HoldStatus

pytestmark = pytest.mark.clients


def test_what_is_placed_is_seen_by_gam_and_what_gam_takes_away_is_seen_by_us(gam: Gam, tenant: Tenant) -> None:
    connection = connect(tenant)
    them = person(connection, "amara.ashdown")
    place_all(connection, them)

    rows = {row["corpus"]: row for row in gam.table(f"print vaultholds matter {CASE}")}
    gam("delete vaulthold", f"{CASE} mail", "matter", CASE)
    after = standings(connection, them)
    connection.close()

    assert set(rows) == {"MAIL", "DRIVE", "HANGOUTS_CHAT", "GROUPS", "CALENDAR"}
    groups = rows.pop("GROUPS")
    assert {row["accounts.0.email"] for row in rows.values()} == {them.address}
    assert groups["accounts.0.email"] != them.address
    assert rows["DRIVE"]["query.driveQuery.includeSharedDriveFiles"] == "True"
    assert [service for service, standing in after.items() if standing is HoldStatus.ABSENT] == ["mail"]
    (matter,) = matters(tenant)
    assert sum(key.startswith(f"{matter}/") for key in tenant.objects(HOLDS)) == 4
