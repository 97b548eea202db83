"""Who is on hold in Vault: what Vault keeps, and what the Directory API asks before it deletes an account.

support.google.com/vault/answer/11542069: an account on hold cannot be deleted, whether it is named by the hold or in a
unit that is on hold; leaving the unit ends the latter.
"""

from connectors.emulator.google_workspace.people import ORG_UNITS
from connectors.emulator.google_workspace.values import mapping, sequence, text
from connectors.emulator.store import Store
from connectors.emulator.wire import Body

MATTERS = "google.vaultMatters"  # by id, each as matters.get shows it with view=FULL
HOLDS = "google.vaultHolds"  # by matter's id / hold's id, each as holds.get shows it
UNIT_PREFIX = "id:"  # how the Directory API and Vault write the id of a unit


def on_hold(store: Store, tenant_id: str, person: Body) -> bool:
    """Say whether any hold covers a person at this moment."""
    holds = store.all(tenant_id, HOLDS)
    if any(mapping(one).get("accountId") == person["id"] for hold in holds for one in sequence(hold.get("accounts"))):
        return True
    units = {text(mapping(hold.get("orgUnit")).get("orgUnitId")).removeprefix(UNIT_PREFIX) for hold in holds}
    paths = [text((store.get(tenant_id, ORG_UNITS, unit) or {}).get("orgUnitPath")) for unit in units if unit]
    return any(_inside(text(person.get("orgUnitPath")), path) for path in paths if path)


def _inside(path: str, unit: str) -> bool:
    return (path.rstrip("/") + "/").startswith(unit.rstrip("/") + "/")
