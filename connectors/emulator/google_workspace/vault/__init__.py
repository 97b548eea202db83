"""The Vault API: matters, their collaborators and holds, saved searches, counts and exports; no retention rules.

What a test may read and change at the control plane:

    google.vaultMatters     by id: matters as Google shows them in full
    google.vaultHolds       by matter's id / hold's id: holds as Google shows them in full
    google.vaultSavedQueries, google.vaultExports    by matter's id / its own id: as Google shows them
    google.vaultCounts      by id: the operations that counted
"""

from connectors.emulator.data_files import from_template
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.people import HOLDS, MATTERS
from connectors.emulator.google_workspace.values import number, org_unit_id
from connectors.emulator.google_workspace.vault import holds, matters, searches
from connectors.emulator.school import School
from connectors.emulator.service import Seed

SERVICE = google_api("google vault", {**matters.HANDLERS, **holds.HANDLERS, **searches.HANDLERS})


_OWNER, _UNIT = "breakglass", "/Service accounts"


def seed(school: School) -> Seed:
    """Make the matters and holds."""
    matter_id = school.identifier("vault matter", "2026-A")
    hold_id = school.identifier("vault hold", "2026-A").replace("-", "")[:13]
    owner = number(school.identifier("account", _OWNER))
    matter = from_template(__file__, "matter", id=matter_id, owner=owner)
    hold = from_template(__file__, "hold", id=hold_id, unit=org_unit_id(school.tenant_id, _UNIT))
    return {MATTERS: {matter_id: matter}, HOLDS: {f"{matter_id}/{hold_id}": hold}}
