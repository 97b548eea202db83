"""Who has registered a second factor, and who is asked for it by security defaults or by Conditional Access.

Follows https://learn.microsoft.com/entra/identity/authentication/concept-mandatory-multifactor-authentication
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from connectors.microsoft365.checks.conditional_access import asked
from connectors.microsoft365.checks.sign_in_state import SignInState
from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.permissions import graph
from toolkit.controls.identity import Mfa
from toolkit.controls.second_factor import (
    ADMINISTRATORS,
    ENFORCED,
    REGISTERED,
    FactorPrompt,
    Signer,
    administrators,
    enforced,
    registered,
)
from toolkit.errors import ServiceError, SignInRefused
from toolkit.sdk.check import CheckOccasion, Finding, Status, looked_at
from toolkit.sdk.permission import Permission
from toolkit.sdk.reason import Reason, ReasonCode, same_words
from toolkit.values import Body

_UNLICENSED = ReasonCode(
    "registrations_not_licensed",
    admin="no licence of this tenant includes the report on who has registered (Entra ID P1)",
    governor="the school's licences do not include the report on who has registered",
)()
_UNSEEN = ReasonCode(
    "not_in_report", admin="whom the report does not have yet", governor="who are not in the report yet"
)()
_BY_DEFAULTS = same_words("by_security_defaults", "by security defaults, which ask when Microsoft finds it necessary")()
_BY_NOTHING = ReasonCode(
    "by_nothing",
    admin="since security defaults are off and no policy of Conditional Access that is on asks any of them",
    governor="since security defaults are off and no rule for signing in asks any of them",
)()
_BY_POLICIES = ReasonCode(
    "by_conditional_access", admin="by Conditional Access ({names})", governor="by rules for signing in ({names})"
)
AskedFor = Callable[[str], FactorPrompt | None]


def needs(_settings: object) -> tuple[Permission, ...]:
    """Name what an app needs for it; the organisation tells whether it has the licence for the report."""
    names = ("AuditLog.Read.All", "Policy.Read.All", "RoleManagement.Read.Directory", "GroupMember.Read.All")
    return (*map(graph, names), graph("User.Read.All"), graph("Organization.Read.All"))


def check(wanted: Mfa, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Count who has registered and who is asked, and administrators by themselves, from a few lists."""
    state = SignInState(via)
    yield looked_at(REGISTERED, lambda: _registered(wanted, context, state))
    yield looked_at(ENFORCED, lambda: _enforced(wanted, context, state))
    yield looked_at(ADMINISTRATORS, lambda: _administrators(wanted, context, state))


def _registered(wanted: Mfa, context: CheckOccasion, state: SignInState) -> Finding:
    if not state.licensed():
        return Finding(REGISTERED, Status.UNAVAILABLE, _UNLICENSED)
    people = _signers(_everybody(context), context, state.registrations(), lambda _: None)
    return registered(wanted, people, unseen=_UNSEEN)


def _enforced(wanted: Mfa, context: CheckOccasion, state: SignInState) -> Finding:
    everybody = _everybody(context)
    people = _signers(everybody, context, _registrations_if_known(state), _asked_for(state))
    return enforced(wanted, people, by=_by(state, [key for key, _ in everybody]))


def _administrators(wanted: Mfa, context: CheckOccasion, state: SignInState) -> Finding:
    rows = [(str(row["id"]), _address(row, context)) for row in state.administrators()]
    people = _signers(rows, context, _registrations_if_known(state), _asked_for(state))
    return administrators(wanted, people, untold=None if state.licensed() else _UNLICENSED)


def _everybody(context: CheckOccasion) -> Sequence[tuple[str, str]]:
    return [(one.id, one.address) for one in context.scope.audience.people if context.reaches(one.id)]


def _address(row: Body, context: CheckOccasion) -> str:
    """Give somebody's sign-in name; their mail address where the school file protects them by that."""
    mail = str(row.get("mail") or "")
    return mail if mail.casefold() in _protected(context) else str(row.get("userPrincipalName") or row["id"])


def _protected(context: CheckOccasion) -> frozenset[str]:
    return frozenset(address.casefold() for address in context.school.protected.accounts)


def _signers(
    people: Iterable[tuple[str, str]], context: CheckOccasion, registrations: Mapping[str, bool], asked_for: AskedFor
) -> Sequence[Signer]:
    protected = _protected(context)
    return [
        Signer(address, registrations.get(key), asked_for(key), apart=address.casefold() in protected)
        for key, address in people
    ]


def _registrations_if_known(state: SignInState) -> Mapping[str, bool]:
    """Give nothing where it cannot be read: that is a finding of its own, and unknown of each administrator."""
    try:
        return state.registrations()
    except SignInRefused:
        raise
    except ServiceError:
        return {}


def _asked_for(state: SignInState) -> AskedFor:
    if state.security_defaults():
        return lambda _: FactorPrompt.ALWAYS
    policies, members = state.policies(), state.members()
    return lambda person: asked(person, policies, members)


def _by(state: SignInState, people: Sequence[str]) -> Reason:
    """Say what asks any of these people."""
    if state.security_defaults():
        return _BY_DEFAULTS
    members = state.members()
    names = [one.name for one in state.policies() if any(one.covers(person, members) for person in people)]
    return _BY_POLICIES(names=", ".join(names)) if names else _BY_NOTHING
