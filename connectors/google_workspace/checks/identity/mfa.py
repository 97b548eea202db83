"""Counts the people who use 2-Step Verification and the people who must use it, and checks the unit's setting.

Follows https://developers.google.com/workspace/admin/directory/reference/rest/v1/users and
https://support.google.com/a/answer/9176657
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from connectors.google_workspace.accounts import Account
from connectors.google_workspace.kinds.policy_setting import effective, is_for_a_group
from connectors.google_workspace.kinds.policy_setting.table import TYPES
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.policies import type_of, value_of
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.identity import Mfa
from toolkit.controls.second_factor import (
    ADMINISTRATORS,
    ENFORCED,
    REGISTERED,
    FactorPrompt,
    Groups,
    Signer,
    administrators_finding,
    count_enforced,
    count_registered,
    groups_counted_separately,
)
from toolkit.errors import BadAnswer, ServiceError
from toolkit.sdk import CheckOccasion, Finding, Measurement, ReasonCode, Status, Things, check_subject, day, same_words
from toolkit.values import Body, Json

SETTING = "2-Step Verification in the admin console"
_ENFORCEMENT = TYPES["security.two_step_verification_enforcement"]
_ROOT = "/"
_BY = same_words("by_two_step_verification", "by 2-Step Verification")()
_UNSEEN = ReasonCode(
    "not_in_directory",
    admin="for whom the directory does not show it",
    governor="for whom the directory does not show it",
)()
_NOT_COMPULSORY = same_words("two_step_not_compulsory", "2-Step Verification is not compulsory for {where}")
_LATER = same_words("two_step_compulsory_later", "compulsory for {where} only from {day}")
_COMPULSORY = same_words("two_step_compulsory", "compulsory for {where} since {day}")
_FOR_GROUPS = ReasonCode(
    "two_step_policies_for_groups",
    admin="; {count} policies for groups may differ",
    governor="; {count} rules for groups may differ",
)

needs = leave("directory.users.list", "cloudidentity.policies.list", "directory.orgunits.list")


def check(settings: Mfa, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Count the people with 2-Step Verification, and check the unit's setting.

    toolkit reads accounts once for all checks.
    """
    groups = partial(_list_signer_groups, context, via)
    yield check_subject(
        REGISTERED, lambda: count_registered(settings, _list_signers(context, via), unseen=_UNSEEN, groups=groups())
    )
    yield check_subject(ENFORCED, lambda: _count_enforced(settings, context, via))
    yield check_subject(SETTING, lambda: _check_setting(context, via))
    yield check_subject(ADMINISTRATORS, lambda: administrators_finding(settings, _list_administrators(context, via)))


_Exempt = Callable[[Account], bool]


def _is_never_exempt(_: Account) -> bool:
    return False


def _count_enforced(settings: Mfa, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    via.accounts.all()  # without accounts nothing can be counted, so no rule is read
    exempt = _make_exemption_test(context, via)
    is_exempt = exempt or _is_never_exempt
    people, groups = _list_signers(context, via, is_exempt), _list_signer_groups(context, via, is_exempt)
    return count_enforced(settings, people, by=_BY, groups=groups, exemptions=exempt is not None)


def _make_exemption_test(context: CheckOccasion, via: GoogleWorkspace) -> _Exempt | None:
    """Return a function that tells if a group policy exempts an account, or None if policies cannot be read.

    The groups of the account are not read. If its unit makes 2-Step Verification compulsory and the account is not
    asked for it, only a group policy can be the reason.
    """
    try:
        policies = [policy for policy in _read_policies(via) if type_of(policy) in _ENFORCEMENT.names]
        leaving_out = [
            policy for policy in policies if is_for_a_group(policy) and not _is_compulsory(value_of(policy), context)
        ]
        units = {account.unit for account in _list_active_accounts(via)} if leaving_out else set()
        values = {path: effective(_ENFORCEMENT, policies, via.units.path_to(path)).value for path in units}
    except ServiceError:
        return None
    enforcing_units = {path for path, value in values.items() if _is_compulsory(value, context)}
    return lambda account: account.unit in enforcing_units


def _read_policies(via: GoogleWorkspace) -> Sequence[Body]:
    return via.policies.list_by_type(_ENFORCEMENT.name.replace(".", "[.]"))


def _is_compulsory(value: Body, context: CheckOccasion) -> bool:
    begins = _parse_instant(value.get("enforcedFrom"), ZoneInfo(context.school.time_zone))
    return begins is not None and begins <= context.now


def _list_signers(context: CheckOccasion, via: GoogleWorkspace, exempt: _Exempt = _is_never_exempt) -> Sequence[Signer]:
    return [
        _to_signer(account, context, exempt) for account in _list_active_accounts(via) if context.reaches(account.id)
    ]


def _list_signer_groups(context: CheckOccasion, via: GoogleWorkspace, exempt: _Exempt = _is_never_exempt) -> Groups:
    accounts = via.accounts.all()
    return groups_counted_separately(
        context,
        lambda person: (
            _to_signer(accounts[person.id], context, exempt) if person.id in accounts else Signer(person.address)
        ),
    )


def _list_administrators(context: CheckOccasion, via: GoogleWorkspace) -> Sequence[Signer]:
    return [_to_signer(account, context) for account in _list_active_accounts(via) if account.administrator]


def _list_active_accounts(via: GoogleWorkspace) -> Sequence[Account]:
    return [account for account in via.accounts.all().values() if account.enabled]


def _to_signer(account: Account, context: CheckOccasion, exempt: _Exempt = _is_never_exempt) -> Signer:
    protected = {address.casefold() for address in context.school.protected.accounts}
    not_enforced = FactorPrompt.EXEMPT if exempt(account) else FactorPrompt.NEVER
    prompt = None if account.is_enforced is None else FactorPrompt.ALWAYS if account.is_enforced else not_enforced
    return Signer(account.address, account.is_enrolled, prompt, apart=account.address.casefold() in protected)


class EnforcementSetting(Measurement):
    """The time from which 2-Step Verification is compulsory in a unit, and the number of group policies."""

    unit: str
    enforced_from: datetime | None
    policies_for_groups: int


def _check_setting(context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    """Check from when 2-Step Verification is compulsory in the unit. Policies for groups may differ for some people."""
    group = context.scope.audience.group
    path = group.name if group and group.name.startswith(_ROOT) else _ROOT
    setting = effective(_ENFORCEMENT, _read_policies(via), via.units.path_to(path))
    begins = _parse_instant(setting.value.get("enforcedFrom"), ZoneInfo(context.school.time_zone))
    measurement = EnforcementSetting(unit=path, enforced_from=begins, policies_for_groups=setting.groups)
    where = "the whole organisation" if path == _ROOT else f"the unit {path}"
    groups_note = _FOR_GROUPS(count=Things(setting.groups)) if setting.groups else None
    if begins is None:
        reason, status = _NOT_COMPULSORY(where=where), Status.UNKNOWN if setting.groups else Status.FAIL
    elif begins > context.now:
        reason, status = _LATER(where=where, day=day(begins)), Status.FAIL
    else:
        reason, status = _COMPULSORY(where=where, day=day(begins)), Status.PASS
    return Finding(SETTING, status, reason.then(groups_note), measurement=measurement)


def _parse_instant(value: Json, zone: ZoneInfo) -> datetime | None:
    if not value:
        return None
    try:
        return datetime.fromisoformat(str(value)).astimezone(zone)
    except ValueError as error:
        raise BadAnswer(
            f"{_ENFORCEMENT.name}: the response does not show from when 2-Step Verification is compulsory"
        ) from error
