"""An account that a hold names: a person, or a group where the hold is on groups."""

from connectors.emulator import clock
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.google_workspace.vault.queries import GROUPS
from connectors.emulator.wire import Body, Json


def held_account(asked: MethodCall, corpus: str, written: Body) -> Body:
    """Make what a hold keeps of an account out of its address, or else its id; raises ApiError for nobody's."""
    address, key = text(written.get("email")), text(written.get("accountId"))
    find = people.find_group if corpus == GROUPS else people.find_user
    # An id has no @; what looks like an address in its place is nobody's.
    found = find(asked.store, asked.tenant_id, address or key.partition("@")[0])
    if found is None:
        raise errors.invalid_argument(f"There is no account {address or key}.")
    name = mapping(found.get("name")) if corpus != GROUPS else {}
    names: dict[str, Json] = {"firstName": name.get("givenName"), "lastName": name.get("familyName")}
    return {
        "accountId": found["id"],
        "email": found["email"] if corpus == GROUPS else found["primaryEmail"],
        **{one: value for one, value in names.items() if value},
        "holdTime": clock.text(asked.now),
    }
