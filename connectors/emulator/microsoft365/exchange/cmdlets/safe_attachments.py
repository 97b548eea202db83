"""Safe Attachments policies for mail, and the rules that apply them. Each policy has one rule.

The pages of the cmdlets are below https://learn.microsoft.com/powershell/module/exchangepowershell/, such as
new-safeattachmentpolicy.
"""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from connectors.emulator.microsoft365.exchange.cmdlet import (
    NAMES,
    Outcome,
    Put,
    Remove,
    Request,
    Run,
    apply_parameters,
    find_object,
)
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.store import Body

POLICIES, RULES = "exchange.safeAttachmentPolicies", "exchange.safeAttachmentRules"
_BLANK: Mapping[str, Body] = {
    POLICIES: {
        "Enable": False, "Action": "Block", "QuarantineTag": "AdminOnlyAccessPolicy", "Redirect": False,
        "RedirectAddress": "", "IsDefault": False, "IsBuiltInProtection": False, "RecommendedPolicyType": "Custom",
        "AdminDisplayName": "", "IsValid": True,
    },
    RULES: {"State": "Enabled", "RecipientDomainIs": [], "SentTo": [], "SentToMemberOf": [], "IsValid": True},
}  # fmt: skip


def _create_object(collection: str) -> Run:
    def run(request: Request) -> Outcome:
        there = request.all(collection)
        name = request.text("Name")
        guid = str(uuid5(NAMESPACE_URL, f"{collection}/{name}"))
        if any(row["Name"] == name for row in there):
            raise Refused(f"An object with the name '{name}' already exists.")
        of = request.text("SafeAttachmentPolicy")
        if of and any(row["SafeAttachmentPolicy"] == of for row in there):
            raise Refused(f"The policy '{of}' already has a rule.")
        if of:
            find_object(request.all(POLICIES), of, NAMES)
        body = apply_parameters({**_BLANK[collection], "Guid": guid, "Priority": len(there)}, request.parameters)
        return Outcome([{**body, "Identity": name}], writes=[Put(collection, guid, body)])

    return run


def _remove_object(collection: str) -> Run:
    def run(request: Request) -> Outcome:
        row = find_object(request.all(collection), request.text("Identity"), NAMES)
        if any(rule["SafeAttachmentPolicy"] == row["Name"] for rule in request.all(RULES) if collection == POLICIES):
            raise Refused("The policy is used by a rule. Remove the rule first.")
        return Outcome(writes=[Remove(collection, str(row["Guid"]))])

    return run


def _enable_rule(request: Request) -> Outcome:
    rule = find_object(request.all(RULES), request.text("Identity"), NAMES)
    return Outcome(writes=[Put(RULES, str(rule["Guid"]), {**rule, "State": "Enabled"})])


RUNS: Mapping[str, Run] = {
    "New-SafeAttachmentPolicy": _create_object(POLICIES),
    "Remove-SafeAttachmentPolicy": _remove_object(POLICIES),
    "New-SafeAttachmentRule": _create_object(RULES),
    "Remove-SafeAttachmentRule": _remove_object(RULES),
    "Enable-SafeAttachmentRule": _enable_rule,
}
