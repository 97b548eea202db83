"""Mailing lists: distribution groups, dynamic groups and Microsoft 365 groups, and the permission to post to them.

The pages of the cmdlets are below https://learn.microsoft.com/powershell/module/exchangepowershell/, such as
set-distributiongroup. These pages do not say that app-only sign-in may change a Microsoft 365 group.
"""

from collections.abc import Mapping, Sequence

from connectors.emulator.microsoft365.exchange.cmdlet import (
    Outcome,
    Put,
    Request,
    Run,
    apply_parameters,
    choose_rows,
    find_object,
    limit_rows,
)
from connectors.emulator.microsoft365.exchange.cmdlets.mailboxes import NAMES
from connectors.emulator.microsoft365.exchange.parameters import Missing, Refused
from connectors.emulator.store import Body, Json

LISTS = "exchange.lists"
_KINDS: Mapping[str, frozenset[str]] = {
    "DistributionGroup": frozenset({"MailUniversalDistributionGroup", "MailUniversalSecurityGroup"}),
    "DynamicDistributionGroup": frozenset({"DynamicDistributionGroup"}),
    "UnifiedGroup": frozenset({"GroupMailbox"}),
}
_CHECK = "BypassSecurityGroupManagerCheck"
_MODERATORS, _ACCEPTED = "ModeratedBy", "AcceptMessagesOnlyFromSendersOrMembers"
_PEOPLE = (_MODERATORS, "BypassModerationFromSendersOrMembers", _ACCEPTED)


def _lists_of_noun(request: Request, noun: str) -> Sequence[Body]:
    return [row for row in request.all(LISTS) if row["RecipientTypeDetails"] in _KINDS[noun]]


def _show_lists(noun: str) -> Run:
    """Return a function that shows the list with an Identity.

    If the Identity is unknown, the function shows every list.
    """

    def run(request: Request) -> Outcome:
        try:
            rows = choose_rows(request, _lists_of_noun(request, noun), NAMES)
        except Missing:
            rows = _lists_of_noun(request, noun)
        return limit_rows(request, [_list_row(request, row) for row in rows])

    return run


def _list_row(request: Request, row: Body) -> Body:
    """Return a mailing list with two older properties, which show the people and the groups that may send."""
    groups = {str(group["Name"]) for group in request.all(LISTS)}
    accepted = [str(name) for name in _displayed_names(row[_ACCEPTED])]
    return {
        **row,
        "AcceptMessagesOnlyFrom": [name for name in accepted if name not in groups],
        "AcceptMessagesOnlyFromDLMembers": [name for name in accepted if name in groups],
    }


def _displayed_names(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _change_list(noun: str) -> Run:
    def run(request: Request) -> Outcome:
        before = find_object(_lists_of_noun(request, noun), request.text("Identity"), NAMES)
        if before["IsDirSynced"]:
            raise Refused(
                f"The action 'Set-{noun}' can't be performed on the object '{before['Name']}' because the object is "
                "being synchronized from your on-premises organization."
            )
        if noun == "DistributionGroup" and not request.parameters.get(_CHECK):
            raise Refused("You don't have sufficient permissions. This operation can only be performed by a manager.")
        sent = {name: value for name, value in request.parameters.items() if name != _CHECK}
        after = apply_parameters(
            before, {**sent, **{name: _resolve_names(request, sent[name]) for name in _PEOPLE if name in sent}}
        )
        _check_list(request, after)
        return Outcome(writes=[Put(LISTS, str(before["Guid"]), after)])

    return run


def _resolve_names(request: Request, value: Json) -> list[Json]:
    """Return senders with each name replaced by the name that the Get cmdlet shows."""
    everyone = request.all("exchange.recipients")
    return list(dict.fromkeys(str(find_object(everyone, str(name), NAMES)["Name"]) for name in _displayed_names(value)))


def _check_list(request: Request, row: Body) -> None:
    kinds = {
        str(recipient["Name"]): str(recipient["RecipientTypeDetails"])
        for recipient in request.all("exchange.recipients")
    }
    if group := next(
        (name for name in _displayed_names(row[_MODERATORS]) if "Group" in kinds.get(str(name), "")), None
    ):
        raise Refused(f"The moderator '{group}' isn't a mailbox, a mail user or a mail contact.")
    security = row["RecipientTypeDetails"] == "MailUniversalSecurityGroup"
    if security and row["ModerationEnabled"] and not (row[_MODERATORS] or row["ManagedBy"]):
        raise Refused("A moderated security group must have a moderator or an owner.")


RUNS: Mapping[str, Run] = {
    **{f"Get-{noun}": _show_lists(noun) for noun in _KINDS},
    **{f"Set-{noun}": _change_list(noun) for noun in _KINDS},
}
