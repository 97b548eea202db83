"""What is in Vault when a tenant opens: a matter of another administrator's, with a hold on a unit."""

from connectors.emulator.cloud import Seed
from connectors.emulator.google_workspace.held import HOLDS, MATTERS, UNIT_PREFIX
from connectors.emulator.google_workspace.identifiers import number, org_unit_id
from connectors.emulator.school import School
from connectors.emulator.wire import Body

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
