"""The actions of a mail flow rule that matches, for one recipient.

Follows learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/mail-flow-rule-actions. A rule that
rejects, deletes, quarantines, redirects or holds a message ends the rules for the recipient.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from connectors.emulator.delivery.outcome import DROPPED, MODERATED, QUARANTINED, REDIRECTED, REJECTED, DeliveryOutcome
from connectors.emulator.microsoft365.delivery.situation import Situation
from connectors.emulator.store import Body, Json


@dataclass(frozen=True, slots=True)
class Applied:
    """A message and its outcome after a rule, and whether the rule is the last one for this recipient."""

    situation: Situation
    outcome: DeliveryOutcome
    is_final: bool = False


_KIND = "transport_rule"
_UNALTERABLE = frozenset({"Encrypted", "Signed", "PermissionControlled"})
_End: TypeAlias = Callable[[Body, Situation, DeliveryOutcome], DeliveryOutcome | None]


def apply_actions(rule: Body, situation: Situation, outcome: DeliveryOutcome) -> Applied:
    """Return a message and its outcome after the actions of a rule that matches."""
    for end in _ENDS:
        if ended := end(rule, situation, outcome):
            return Applied(situation, ended, is_final=True)
    situation, outcome = _change_message(rule, situation, outcome)
    copies = {address: str(rule["Name"]) for address in _added_recipients(rule, situation)}
    outcome = replace(outcome, copies={**copies, **outcome.copies})
    is_final = not outcome.is_delivered or bool(rule.get("StopRuleProcessing"))
    return Applied(situation, outcome, is_final=is_final)


def _delete(rule: Body, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome | None:
    del situation
    return outcome.decide(DROPPED, _KIND, str(rule["Name"])) if rule.get("DeleteMessage") else None


def _reject(rule: Body, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome | None:
    del situation
    if not (rule.get("RejectMessageReasonText") or rule.get("RejectMessageEnhancedStatusCode")):
        return None
    text = str(rule.get("RejectMessageReasonText") or "Delivery not authorized, message refused")
    return outcome.decide(REJECTED, _KIND, str(rule["Name"]), text=text)


def _quarantine(rule: Body, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome | None:
    del situation
    return outcome.decide(QUARANTINED, _KIND, str(rule["Name"])) if rule.get("Quarantine") else None


def _redirect(rule: Body, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome | None:
    targets = situation.directory.primary_addresses(rule.get("RedirectMessageTo"))
    if rule.get("AddManagerAsRecipientType") == "Redirect":
        targets |= set(filter(None, [_manager_of_sender(situation)]))
    return outcome.decide(REDIRECTED, _KIND, str(rule["Name"]), targets=sorted(targets)) if targets else None


def _moderate(rule: Body, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome | None:
    """Hold a message for approval. Without a manager, the message is not held for the sender's manager."""
    moderators = situation.directory.primary_addresses(rule.get("ModerateMessageByUser"))
    if rule.get("ModerateMessageByManager"):
        moderators |= set(filter(None, [_manager_of_sender(situation)]))
    return outcome.decide(MODERATED, _KIND, str(rule["Name"]), targets=sorted(moderators)) if moderators else None


def _refuse_encryption(rule: Body, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome | None:
    """Return a message from outside to its sender, because it cannot be encrypted.

    Follows learn.microsoft.com/purview/define-mail-flow-rules-to-encrypt-email.
    """
    encrypts = rule.get("ApplyRightsProtectionTemplate") or rule.get("ApplyOME")
    if not encrypts or situation.is_sent_from_inside:
        return None
    return outcome.decide(REJECTED, _KIND, str(rule["Name"]), why="mail from outside cannot be encrypted")


_ENDS: tuple[_End, ...] = (_delete, _reject, _quarantine, _redirect, _moderate, _refuse_encryption)


def _manager_of_sender(situation: Situation) -> str | None:
    directory = situation.directory
    return directory.manager(directory.primary_address(situation.message.sender))


def _change_message(rule: Body, situation: Situation, outcome: DeliveryOutcome) -> tuple[Situation, DeliveryOutcome]:
    if prefix := rule.get("PrependSubject"):
        situation = replace(situation, subject=f"{prefix}{situation.subject}")
        outcome = replace(outcome, subject=situation.subject)
    if name := rule.get("SetHeaderName"):
        value = str(rule.get("SetHeaderValue") or "")
        situation = replace(situation, headers={**situation.headers, str(name).lower(): value})
        outcome = replace(outcome, headers={**outcome.headers, str(name): value})
    if removed := rule.get("RemoveHeader"):
        situation = replace(situation, headers=_without(situation.headers, str(removed)))
        outcome = replace(outcome, headers=_without(outcome.headers, str(removed)))
    if (level := rule.get("SetSCL")) is not None:
        situation = replace(situation, scl=int(str(level)), is_scl_set=True)
    return situation, _add_disclaimer(rule, situation, outcome)


def _without(headers: Mapping[str, str], removed: str) -> Mapping[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != removed.lower()}


def _add_disclaimer(rule: Body, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
    """Add a rule's text, or act as ApplyHtmlDisclaimerFallbackAction says if the message must not be altered."""
    if not rule.get("ApplyHtmlDisclaimerText"):
        return outcome
    name, fallback = str(rule["Name"]), rule.get("ApplyHtmlDisclaimerFallbackAction") or "Wrap"
    if situation.message.type in _UNALTERABLE:
        if fallback == "Reject":
            return outcome.decide(REJECTED, _KIND, name, why="the disclaimer cannot be added")
        if fallback == "Ignore":
            return outcome
    return replace(outcome, disclaimers=(*outcome.disclaimers, name))


def _added_recipients(rule: Body, situation: Situation) -> Iterator[str]:
    for action in ("AddToRecipients", "CopyTo", "BlindCopyTo"):
        names: Json = rule.get(action)
        yield from sorted(situation.directory.primary_addresses(names))
    manager = _manager_of_sender(situation)
    if manager and rule.get("AddManagerAsRecipientType") in {"To", "Cc", "Bcc"}:
        yield manager
