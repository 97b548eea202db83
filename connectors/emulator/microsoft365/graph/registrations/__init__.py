"""The report on each person's registered sign-in methods, made from stored registrations.

Follows https://learn.microsoft.com/graph/api/authenticationmethodsroot-list-userregistrationdetails
"""

from collections.abc import Sequence

from connectors.emulator.data_files import from_template
from connectors.emulator.microsoft365.applications import texts
from connectors.emulator.microsoft365.graph import reading
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.query import Looked, Stored
from connectors.emulator.school import School, Use
from connectors.emulator.service import Answer, Seed
from connectors.emulator.store import Body

COLLECTION = "entra.registrations"  # methods by the person's id. allowed: whether the school accepts them.
_PATH = "/reports/authenticationMethods/userRegistrationDetails"
_METHODS = ("microsoftAuthenticatorPush", "softwareOneTimePasscode")
_WITHOUT = (11, 14, 23)  # by the position in the list of staff. One never signed in, the others put it off.


def actions() -> Sequence[Action]:
    notes = "$select, $filter, $top. Needs Entra ID P1"
    permissions = frozenset({reading.PERMISSION})
    return (Action("GET", _PATH, permissions, _list_registrations, notes=notes, forbid=lambda _: reading.forbidden()),)


def seed(school: School) -> Seed:
    """Return the registrations of nearly all of the staff.

    Pupils and accounts that do not belong to a person have none.
    """
    staff = [person.id for person in school.people if person.use is Use.STAFF]
    registered = [key for number, key in enumerate(staff) if number not in _WITHOUT]
    return {COLLECTION: {key: {"methods": _METHODS, "allowed": True} for key in registered}}


def _list_registrations(request: ActionRequest) -> Answer:
    reading.require_premium_licence(request.store, request.tenant_id)
    administrators = _administrator_ids(request)
    rows = Looked(
        Stored(request.store, request.tenant_id, "users"), lambda user: _registration_row(request, user, administrators)
    )
    return reading.list_answer(request, _PATH.strip("/"), rows, type_name="userRegistrationDetails", lenient=False)


def _registration_row(request: ActionRequest, user: Body, administrators: set[str]) -> Body:
    kept = request.store.get(request.tenant_id, COLLECTION, str(user["id"])) or {}
    methods = texts(kept.get("methods"))
    return from_template(
        __file__, "registration", id=user["id"], address=user["userPrincipalName"], name=user["displayName"],
        type=str(user.get("userType") or "Member").lower(), admin=user["id"] in administrators,
        registered=bool(methods), capable=bool(methods) and kept.get("allowed") is True, methods=methods,
        preferred=["PhoneAppNotification"] if methods else [], second="push" if methods else "none",
    )  # fmt: skip


def _administrator_ids(request: ActionRequest) -> set[str]:
    roles = request.store.all(request.tenant_id, "directoryRoles")
    held = (request.store.get(request.tenant_id, "members", str(role["id"])) or {} for role in roles)
    return {member_id for kept in held for member_id in texts(kept.get("members"))}
