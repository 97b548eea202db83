"""How long a password lasts, domain by domain."""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import checked
from connectors.emulator.microsoft365.graph.policies.objects import one
from connectors.emulator.service import Answer
from connectors.emulator.wire import Json

_COLLECTION = "domains"
_WRITABLE = {"passwordValidityPeriodInDays": 90, "passwordNotificationWindowInDays": 14}  # and what they are unset
_LONGEST = 2147483647  # never


def actions() -> Sequence[Action]:
    """List what can be written of a domain."""
    notes = "the two password periods alone; the one that is left out goes back to its default"
    return (Action("PATCH", "/domains/{id}", frozenset({"Domain.ReadWrite.All"}), _change, notes=notes),)


def _change(asking: ActionRequest) -> Answer:
    domain, kept = one(asking, _COLLECTION), checked(asking.body(), "domain", asking.version)
    if odd := sorted(set(kept) - set(_WRITABLE)):
        raise errors.not_emulated(f"PATCH of {odd[0]} at {asking.call.path}")
    if domain["authenticationType"] == "Federated":
        raise errors.invalid_request("Password policy cannot be set on a federated domain.")
    if not domain["isRoot"]:
        raise errors.invalid_request("Password policy can only be set on a root domain.")
    periods: dict[str, Json] = {name: kept.get(name) or unset for name, unset in _WRITABLE.items()}
    for name, days in periods.items():
        if not isinstance(days, int) or not 1 <= days <= _LONGEST:
            raise errors.invalid_request(f"Invalid value specified for property '{name}' of resource 'Domain'.")
    asking.store.put(asking.tenant_id, _COLLECTION, str(domain["id"]), {**domain, **periods})
    return Answer(status=204)
