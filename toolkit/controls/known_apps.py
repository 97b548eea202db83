"""The register of apps that the school let into its accounts, and what the tenants know beside it."""

from collections.abc import Sequence

from toolkit.sdk.check import Finding, Status
from toolkit.sdk.reason import ReasonCode, Things, same_words
from toolkit.sdk.school import KnownApp
from toolkit.sdk.shapes import plain_name
from toolkit.values import Json

KNOWN = "apps of other suppliers"
_IN_REGISTER = same_words("apps_in_register", "{known} of {count} apps of other suppliers are in the register")
_ESSENTIAL = same_words("essential_apps", "; {count} of them are the MIS sync, the filter or the classroom monitor")
_NOT_YET = ReasonCode(
    "apps_not_yet_in_register",
    admin="; not yet in the register: {names}; ask what each is for and who uses it, and add it to `known_apps` of the "
    "school file",
    governor="; not yet in the register: {count}",
)


def compare_with_register(register: Sequence[KnownApp], apps: Sequence[tuple[str, str]]) -> Finding:
    """Compare apps, by id and name, with the register; one that is missing there is not yet known, and no more."""
    by_name = {_plain(known.app): known for known in register}
    found = [(name, by_name.get(_plain(identifier)) or by_name.get(_plain(name))) for identifier, name in apps]
    missing = sorted(name for name, known in found if known is None)
    essential = sum(bool(known and known.essential) for _, known in found)
    reason = _IN_REGISTER(known=Things(len(found) - len(missing)), count=Things(len(found))).then(
        _ESSENTIAL(count=Things(essential)) if essential else None,
        _NOT_YET(names=", ".join(missing), count=Things(len(missing))) if missing else None,
    )
    evidence: dict[str, Json] = {"apps": len(found), "essential": essential, "not_yet_in_register": [*missing]}
    return Finding(KNOWN, Status.FAIL if missing else Status.PASS, reason, evidence)


def _plain(name: str) -> str:
    """Return a name without what no one sees: services leave zero-width characters and blanks behind it."""
    return " ".join(plain_name(name).split())
