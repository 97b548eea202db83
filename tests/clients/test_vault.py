"""GAM and Vault: what is on hold, and a hold that an administrator makes and takes away."""

from typing import Any

import pytest

from tests.clients.gam import Gam
from tests.emulated import Tenant

pytestmark = pytest.mark.clients

LEAVER = "gethin.leaver@example-primary.example"


def _matters(tenant: Tenant) -> list[dict[str, Any]]:
    return list(tenant.objects("google.vaultMatters").values())


def test_the_seeded_hold_is_listed_with_its_matter_and_its_unit(gam: Gam, tenant: Tenant) -> None:
    (row,) = gam.table("print vaultholds shownames")

    (matter,) = _matters(tenant)
    assert (row["matterId"], row["matterName"]) == (matter["matterId"], "Matter 2026-A")
    assert (row["name"], row["corpus"]) == ("Hold 2026-A mail", "MAIL")
    assert row["orgUnit.orgUnitPath"] == "/Service accounts"


def test_a_hold_is_made_changed_and_deleted_and_then_its_matter_closes(gam: Gam, tenant: Tenant) -> None:
    gam("create vaultmatter name Retention description", "By policy")
    gam(f"create vaulthold matter Retention name Mail corpus mail terms label:x accounts {LEAVER}")
    gam("update vaulthold Mail matter Retention addusers scanner@example-primary.example")
    rows = gam.table("print vaultholds matter Retention")
    refused = gam.refused("close vaultmatter Retention")
    gam("delete vaulthold Mail matter Retention")
    gam("close vaultmatter Retention")

    assert rows[0]["query.mailQuery.terms"] == "label:x"
    assert {rows[0]["accounts.0.email"], rows[0]["accounts.1.email"]} == {LEAVER, "scanner@example-primary.example"}
    assert "Matter has holds" in refused
    assert [one["state"] for one in _matters(tenant)] == ["OPEN", "CLOSED"]
