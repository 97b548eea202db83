"""Checks who may join a computer to the school's tenant, from Entra's device settings.

Follows https://learn.microsoft.com/graph/api/deviceregistrationpolicy-get and
https://learn.microsoft.com/graph/api/resources/deviceregistrationmembership
"""

from collections.abc import Iterable

from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.device_protection import SigninRestriction
from toolkit.errors import BadAnswer
from toolkit.sdk import (
    CheckOccasion,
    Finding,
    Measurement,
    ReasonCode,
    Status,
    Things,
    check_subject,
    mapping,
    same_words,
    text,
    texts,
)

JOINERS = "who may join computers"
_PATH = "/policies/deviceRegistrationPolicy"
_TYPE, _SUFFIX = "#microsoft.graph.", "DeviceRegistrationMembership"
_EVERYONE = ReasonCode(
    "everyone_may_join_computers",
    admin="everyone with an account, including pupils, may join a computer to the tenant. In Entra, Devices > Device "
    "settings > Users may join devices to Microsoft Entra, choose Selected",
    governor="everyone with an account, including pupils, may join a computer to the school's systems",
)
_SELECTED = same_words(
    "some_may_join_computers",
    "only {people} selected {people:person|people} and the members of {groups} selected {groups:group|groups} may join "
    "a computer",
)
_NO_ONE = same_words("no_one_may_join_computers", "no one may join a computer")

needs = (graph("Policy.Read.DeviceConfiguration"),)


class ComputerJoiners(Measurement):
    """Who may join computers: everyone, or a number of selected people and groups."""

    everyone: bool
    people: int
    groups: int


def check(settings: SigninRestriction, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Read who may join computers. Everyone is too many, because an account that joined can then sign in."""
    yield check_subject(JOINERS, lambda: _check_joiners(via))


def _check_joiners(via: Microsoft365) -> Finding:
    joiners = mapping(mapping(via.graph.get(_PATH).get("azureADJoin")).get("allowedToJoin"))
    kind = text(joiners.get("@odata.type")).removeprefix(_TYPE).removesuffix(_SUFFIX)
    people, groups = texts(joiners.get("users")), texts(joiners.get("groups"))
    measurement = ComputerJoiners(everyone=kind == "all", people=len(people), groups=len(groups))
    if kind == "all":
        return Finding(JOINERS, Status.FAIL, _EVERYONE(), measurement=measurement)
    if kind not in ("enumerated", "no"):
        raise BadAnswer(f"GET {_PATH}: azureADJoin does not say who may join computers")
    if kind == "no" or not (people or groups):
        return Finding(JOINERS, Status.PASS, _NO_ONE(), measurement=measurement)
    reason = _SELECTED(people=Things(len(people)), groups=Things(len(groups)))
    return Finding(JOINERS, Status.PASS, reason, measurement=measurement)
