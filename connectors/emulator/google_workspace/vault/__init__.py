"""The Vault API: matters, their collaborators and their holds; exports, searches and retention rules are left out.

What a test may read and change at the control plane:

    google.vaultMatters     by id: matters as Google shows them in full
    google.vaultHolds       by matter's id / hold's id: holds as Google shows them in full
"""

from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.people import HOLDS, MATTERS, UNIT_PREFIX
from connectors.emulator.google_workspace.values import number, org_unit_id
from connectors.emulator.google_workspace.vault import holds, matters
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.wire import Body

SERVICE = google_api("google vault", {**matters.HANDLERS, **holds.HANDLERS})


_SET = "2026-03-02T09:30:00Z"
_OWNER, _UNIT = "breakglass", "/Service accounts"


def seed(school: School) -> Seed:
    """Make the matters and holds."""
    matter_id = school.identifier("vault matter", "2026-A")
    hold_id = school.identifier("vault hold", "2026-A").replace("-", "")[:13]
    owner = number(school.identifier("account", _OWNER))
    matter: Body = {
        "matterId": matter_id,
        "name": "Matter 2026-A",
        "description": "Opened by the trust",
        "state": "OPEN",
        "matterPermissions": [{"accountId": owner, "role": "OWNER"}],
    }
    hold: Body = {
        "holdId": hold_id,
        "name": "Hold 2026-A mail",
        "corpus": "MAIL",
        "query": {"mailQuery": {}},
        "orgUnit": {"orgUnitId": UNIT_PREFIX + org_unit_id(school.tenant_id, _UNIT), "holdTime": _SET},
        "updateTime": _SET,
    }
    return {MATTERS: {matter_id: matter}, HOLDS: {f"{matter_id}/{hold_id}": hold}}
