"""The policy and the rule for messages that people report. A new tenant has neither of them.

The rules follow https://learn.microsoft.com/powershell/module/exchangepowershell/set-reportsubmissionpolicy
"""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from connectors.emulator.microsoft365.exchange.cmdlet import (
    Outcome,
    Put,
    Remove,
    Request,
    Run,
    apply_parameters,
    find_object,
)
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.microsoft365.exchange.rules import index_recipients
from connectors.emulator.store import Body

POLICIES, RULES = "exchange.reportSubmissionPolicies", "exchange.reportSubmissionRules"
_NAMES = {POLICIES: "DefaultReportSubmissionPolicy", RULES: "DefaultReportSubmissionRule"}
_SORTS = ("Junk", "NotJunk", "Phish")
_BLANK: Mapping[str, Body] = {
    POLICIES: {
        "EnableReportToMicrosoft": True,
        "EnableThirdPartyAddress": False,
        **{f"Report{sort}ToCustomizedAddress": False for sort in _SORTS},
        **{f"Report{sort}Addresses": [] for sort in _SORTS},
        "ThirdPartyReportAddresses": [],
        "ReportChatMessageEnabled": True,
        "ReportChatMessageToCustomizedAddressEnabled": True,
        "IsValid": True,
    },
    RULES: {"SentTo": [], "State": "Enabled", "Priority": 0, "IsValid": True},
}


def _create_object(collection: str) -> Run:
    def run(request: Request) -> Outcome:
        if request.all(collection):
            raise Refused(f"The object '{_NAMES[collection]}' already exists.")
        name = _NAMES[collection]
        body = apply_parameters(
            {**_BLANK[collection], "Name": name, "Guid": str(uuid5(NAMESPACE_URL, name))}, request.parameters
        )
        if body["Name"] != name:
            raise Refused(f"The name must be {name}.")
        _check_combinations(request, body)
        return Outcome([body], writes=[Put(collection, str(body["Guid"]), body)])

    return run


def _change_object(collection: str) -> Run:
    def run(request: Request) -> Outcome:
        before = _find_object(request, collection)
        after = apply_parameters(before, request.parameters)
        _check_combinations(request, after)
        return Outcome(writes=[Put(collection, str(before["Guid"]), after)])

    return run


def _remove_object(collection: str) -> Run:
    def run(request: Request) -> Outcome:
        policy = _find_object(request, collection)
        if collection == POLICIES and request.all(RULES):
            raise Refused("The policy is used by a rule. Remove the rule first.")
        return Outcome(writes=[Remove(collection, str(policy["Guid"]))])

    return run


def _find_object(request: Request, collection: str) -> Body:
    return find_object(request.all(collection), request.text("Identity"), ("Name", "Guid", "Identity"))


def _check_combinations(request: Request, body: Body) -> None:
    """Refuse switches that contradict lists, and addresses without a mailbox."""
    for template in ("Report{}ToCustomizedAddress", "Report{}Addresses"):
        values = [body.get(template.format(sort)) for sort in _SORTS]
        if any(value != values[0] for value in values):
            raise Refused(f"{', '.join(template.format(sort) for sort in _SORTS)} must have the same value.")
    if body.get("ReportJunkToCustomizedAddress") and not body.get("ReportJunkAddresses"):
        raise Refused("ReportJunkAddresses can't be empty when ReportJunkToCustomizedAddress is true.")
    recipients_by_name = index_recipients(request.all("exchange.recipients")).by_name
    sent_to = body.get("SentTo")
    for address in sent_to if isinstance(sent_to, list) else ():
        matches = recipients_by_name.get(str(address).lower(), ())
        if not matches or matches[0].get("RecipientType") != "UserMailbox":
            raise Refused(f"The recipient '{address}' isn't a mailbox in Exchange Online.")


RUNS: Mapping[str, Run] = {
    "New-ReportSubmissionPolicy": _create_object(POLICIES),
    "Set-ReportSubmissionPolicy": _change_object(POLICIES),
    "Remove-ReportSubmissionPolicy": _remove_object(POLICIES),
    "New-ReportSubmissionRule": _create_object(RULES),
    "Set-ReportSubmissionRule": _change_object(RULES),
    "Remove-ReportSubmissionRule": _remove_object(RULES),
}
