"""Ends a person's sessions, and sets their password. Passwords are not stored."""

from collections.abc import Mapping, Sequence

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest, find
from connectors.emulator.microsoft365.graph.query import Stored
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

_USERS = "users"
_ANY = frozenset({"User.ReadWrite.All", "Directory.ReadWrite.All"})
_PROFILE = "passwordProfile"
_LEAST = 8  # characters


def actions() -> Sequence[Action]:
    return (
        Action("POST", "/users/{id}/revokeSignInSessions", _ANY | {"User.RevokeSessions.All"}, _revoke_sessions),
        Action(
            "PATCH",
            "/users/{id}",
            _ANY | {"User-PasswordProfile.ReadWrite.All"},
            _set_password,
            notes="only passwordProfile, and only of people without a directory role",
        ),
    )


def _revoke_sessions(request: ActionRequest) -> Answer:
    _store_time(request, _find_person(request), "signInSessionsValidFromDateTime")
    return Answer(body={**request.context("Edm.Boolean"), "value": True})


def _set_password(request: ActionRequest) -> Answer:
    person, body = _find_person(request), request.body()
    if set(body) != {_PROFILE}:
        raise errors.not_emulated(f"PATCH of a user's {', '.join(sorted(set(body) - {_PROFILE}))}")
    if _is_administrator(request, str(person["id"])):
        raise errors.fault(403)
    given = body[_PROFILE]
    if not isinstance(given, Mapping) or len(str(given.get("password", ""))) < _LEAST:
        raise errors.bad_request("The specified password does not comply with password complexity requirements.")
    _store_time(request, person, "lastPasswordChangeDateTime")
    return Answer(status=204)


def _is_administrator(request: ActionRequest, key: str) -> bool:
    """Return whether a person has a directory role. To change such a person, an application needs a role itself."""
    held = (request.store.get(request.tenant_id, "members", role) for role in _caller_roles(request))
    return any(key in _as_list(members.get("members")) for members in held if members)


def _caller_roles(request: ActionRequest) -> list[str]:
    return [str(role["id"]) for role in request.store.all(request.tenant_id, "directoryRoles")]


def _as_list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else []


def _store_time(request: ActionRequest, person: Body, field: str) -> None:
    now = clock.text(clock.now(request.store, request.tenant_id))
    request.store.put(request.tenant_id, _USERS, str(person["id"]), {**person, field: now})


def _find_person(request: ActionRequest) -> Body:
    person = find(Stored(request.store, request.tenant_id, _USERS), ("id", "userPrincipalName"), request.key)
    if person is None:
        raise errors.not_found(request.key)
    return person
