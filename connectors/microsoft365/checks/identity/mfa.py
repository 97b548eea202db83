"""Counts the people who have registered a second factor, and the people who are asked for one at sign-in.

Security defaults or Conditional Access policies ask people for a second factor. Follows
https://learn.microsoft.com/entra/identity/authentication/concept-mandatory-multifactor-authentication
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from connectors.microsoft365.checks.conditional_access import (
    AskingPolicy,
    Ids,
    Members,
    factor_prompt,
    find_policies_with_second_factor,
)
from connectors.microsoft365.graph.service import path_with
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.role_members import read_members
from connectors.microsoft365.special_accounts import POLICIES
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.identity import Mfa
from toolkit.controls.second_factor import (
    ADMINISTRATORS,
    ENFORCED,
    REGISTERED,
    FactorPrompt,
    Signer,
    administrators_finding,
    count_enforced,
    count_registered,
    groups_counted_separately,
)
from toolkit.errors import BadAnswer, Refused, RequestFailed, ServiceError, answered
from toolkit.sdk import (
    CheckOccasion,
    Finding,
    Permission,
    Reason,
    ReasonCode,
    Status,
    check_subject,
    read_only_once,
    same_words,
)
from toolkit.values import Body

_REPORT = "/reports/authenticationMethods/userRegistrationDetails"
_DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"
_UNLICENSED_STATE, _PLAN = "NonPremiumTenant", "AADPremiumService"
_PLANS_PERMISSION = "Organization.Read.All"
Rows = Sequence[Body] | RequestFailed


class SignInState:
    """The tenant's lists about sign-in. toolkit reads each list once, when a check first needs it."""

    def __init__(self, via: Microsoft365) -> None:
        self._graph = via.graph
        self._lists = read_only_once(self._read_lists)
        self._roles = via.roles
        self._groups = read_only_once(self._read_groups)
        self.security_defaults = read_only_once(self._read_defaults)
        self.licensed = read_only_once(self._read_licence)

    def registrations(self) -> Mapping[str, bool]:
        """Return for each person whether they have registered a method that the school allows."""
        rows = answered(self._lists()[0])
        if not all(isinstance(row.get("isMfaCapable"), bool) for row in rows):
            raise BadAnswer(f"GET {_REPORT}: the response does not show for everyone whether they have registered")
        return {str(row["id"]): row["isMfaCapable"] is True for row in rows}

    def policies(self) -> Sequence[AskingPolicy]:
        """Return the Conditional Access policies that ask for a second factor."""
        return find_policies_with_second_factor(answered(self._lists()[1]))

    def members(self) -> Members:
        """Return the members of the groups and roles that the Conditional Access policies name."""
        groups = {key: _to_ids(rows) for key, rows in self._groups().items()}
        try:
            roles = self._roles.people()
        except ServiceError as error:
            return Members(groups, error)
        return Members(groups, {template: _to_ids(rows) for template, rows in roles.items()})

    def administrators(self) -> Sequence[Body]:
        """Return the accounts that have a role and can sign in, without the account for directory synchronisation."""
        return self._roles.administrators()

    def _read_lists(self) -> Sequence[Rows]:
        report = path_with(_REPORT, {"select": "id,isMfaCapable", "top": "999"})
        return self._graph.lists([report, POLICIES])

    def _read_defaults(self) -> bool:
        enabled = self._graph.get(_DEFAULTS).get("isEnabled")
        if not isinstance(enabled, bool):
            raise BadAnswer(f"GET {_DEFAULTS}: the response does not show whether security defaults are on")
        return enabled

    def _read_licence(self) -> bool:
        """Return whether a licence includes the registration report.

        Without the permission to read licences, Graph reports that no licence includes the report. With permission to
        read only the organisation's name, the plans are null.
        """
        refusal = self._lists()[0]
        if not (isinstance(refusal, Refused) and _UNLICENSED_STATE in str(refusal)):
            return True
        plans = [row.get("assignedPlans") for row in self._graph.pages("/organization", select="assignedPlans")]
        if not plans or None in plans:
            text = (
                f"without the permission {_PLANS_PERMISSION}, Graph does not show whether a licence includes the "
                f"report: {refusal}"
            )
            raise Refused(text, missing=_PLANS_PERMISSION)
        return _PLAN in str(plans)

    def _read_groups(self) -> Mapping[str, Rows]:
        policy_rows = self._lists()[1]
        policies = () if isinstance(policy_rows, RequestFailed) else find_policies_with_second_factor(policy_rows)
        return read_members(self._graph, [group for policy in policies for group in policy.groups])


def _to_ids(rows: Rows) -> Ids:
    return rows if isinstance(rows, RequestFailed) else frozenset(str(row["id"]) for row in rows)


_UNLICENSED = ReasonCode(
    "registrations_not_licensed",
    admin="this tenant has no licence for the report on registered methods (Entra ID P1)",
    governor="the school's licences do not include the report on registered methods",
)()
_UNSEEN = same_words("not_in_report", "who do not appear in the report yet")()
_BY_DEFAULTS = same_words("by_security_defaults", "by security defaults, which ask when Microsoft finds it necessary")()
_BY_NOTHING = ReasonCode(
    "by_nothing",
    admin="because security defaults are off and no enabled Conditional Access policy asks any of them",
    governor="because security defaults are off and no rule for signing in asks any of them",
)()
_BY_POLICIES = ReasonCode(
    "by_conditional_access", admin="by Conditional Access ({names})", governor="by rules for signing in"
)
PromptOf = Callable[[str], FactorPrompt | None]


def needs(_settings: object) -> tuple[Permission, ...]:
    """Return the permissions of the check. The licences show whether the registration report exists."""
    names = ("AuditLog.Read.All", "Policy.Read.All", "RoleManagement.Read.Directory", "GroupMember.Read.All")
    return (*map(graph, names), graph("User.Read.All"), graph("Organization.Read.All"))


def check(control: Mfa, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Count the people who have registered a second factor, and the people who are asked for one.

    Administrators are counted separately.
    """
    state = SignInState(via)
    yield check_subject(REGISTERED, lambda: _count_registered(control, context, state))
    yield check_subject(ENFORCED, lambda: _count_enforced(control, context, state))
    yield check_subject(ADMINISTRATORS, lambda: _check_administrators(control, context, state))


def _count_registered(control: Mfa, context: CheckOccasion, state: SignInState) -> Finding:
    if not state.licensed():
        return Finding(REGISTERED, Status.UNAVAILABLE, _UNLICENSED)
    registrations = state.registrations()
    people = _make_signers(_list_people_in_scope(context), context, registrations, lambda _: None)
    groups = groups_counted_separately(context, lambda member: Signer(member.address, registrations.get(member.id)))
    return count_registered(control, people, unseen=_UNSEEN, groups=groups)


def _count_enforced(control: Mfa, context: CheckOccasion, state: SignInState) -> Finding:
    everybody = _list_people_in_scope(context)
    prompt_of = _make_prompt_function(state)
    people = _make_signers(everybody, context, _read_registrations_if_possible(state), prompt_of)
    groups = groups_counted_separately(context, lambda member: Signer(member.address, asked=prompt_of(member.id)))
    by = _find_prompt_reason(state, [key for key, _ in everybody])
    return count_enforced(control, people, by=by, groups=groups, exemptions=True)


def _check_administrators(control: Mfa, context: CheckOccasion, state: SignInState) -> Finding:
    rows = [(str(row["id"]), _find_sign_in_name(row, context)) for row in state.administrators()]
    people = _make_signers(rows, context, _read_registrations_if_possible(state), _make_prompt_function(state))
    return administrators_finding(control, people, untold=None if state.licensed() else _UNLICENSED)


def _list_people_in_scope(context: CheckOccasion) -> Sequence[tuple[str, str]]:
    return [(person.id, person.address) for person in context.scope.audience.people if context.reaches(person.id)]


def _find_sign_in_name(row: Body, context: CheckOccasion) -> str:
    """Return a person's sign-in name, or their mail address if the school file protects that address."""
    mail = str(row.get("mail") or "")
    return (
        mail
        if mail.casefold() in _list_protected_addresses(context)
        else str(row.get("userPrincipalName") or row["id"])
    )


def _list_protected_addresses(context: CheckOccasion) -> frozenset[str]:
    return frozenset(address.casefold() for address in context.school.protected.accounts)


def _make_signers(
    people: Iterable[tuple[str, str]], context: CheckOccasion, registrations: Mapping[str, bool], prompt_of: PromptOf
) -> Sequence[Signer]:
    protected = _list_protected_addresses(context)
    return [
        Signer(address, registrations.get(key), prompt_of(key), apart=address.casefold() in protected)
        for key, address in people
    ]


def _read_registrations_if_possible(state: SignInState) -> Mapping[str, bool]:
    """Return the registrations, or an empty table if the registration report cannot be read.

    Another finding reports the error. It is then unknown whether an administrator has registered.
    """
    try:
        return state.registrations()
    except ServiceError:
        return {}


def _make_prompt_function(state: SignInState) -> PromptOf:
    if state.security_defaults():
        return lambda _: FactorPrompt.ALWAYS
    policies, members = state.policies(), state.members()
    return lambda person: factor_prompt(person, policies, members)


def _find_prompt_reason(state: SignInState, people: Sequence[str]) -> Reason:
    """Return the reason why at least some of these people are asked for a second factor."""
    if state.security_defaults():
        return _BY_DEFAULTS
    members = state.members()
    names = [policy.name for policy in state.policies() if any(policy.covers(person, members) for person in people)]
    return _BY_POLICIES(names=", ".join(names)) if names else _BY_NOTHING
