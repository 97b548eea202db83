"""Who may send to a list or a mailbox, and whose messages wait for a moderator.

The service checks both while it resolves recipients, before mail flow rules see the members of a list.
Follows learn.microsoft.com/powershell/module/exchangepowershell/set-distributiongroup and learn.microsoft.com/exchange/
security-and-compliance/mail-flow-rules/manage-message-approval.
"""

from connectors.emulator.delivery.matching import any_of
from connectors.emulator.delivery.outcome import MODERATED, REJECTED, UNKNOWN, DeliveryOutcome, Step
from connectors.emulator.microsoft365.delivery.situation import Situation
from connectors.emulator.store import Body, Json

POSTING, MODERATION = "group_posting", "group_moderation"
_ACCEPTED, _REFUSED = "AcceptMessagesOnlyFromSendersOrMembers", "RejectMessagesFromSendersOrMembers"
_BYPASSING = "BypassModerationFromSendersOrMembers"


def apply_restrictions(row: Body, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
    """Return the outcome after the restrictions and the moderation of a list or a mailbox."""
    name = str(row["PrimarySmtpAddress"]).lower()
    outcome = _check_sender(row, name, situation, outcome)
    return _check_moderation(row, name, situation, outcome) if outcome.is_delivered else outcome


def _check_sender(row: Body, name: str, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
    inside = situation.is_sent_from_inside
    if row.get("RequireSenderAuthenticationEnabled") and not inside:
        return outcome.decide(REJECTED, POSTING, name, text="5.7.133", why="RequireSenderAuthenticationEnabled")
    if row.get("BccBlocked") and inside and outcome.recipient in situation.message.bcc_addresses:
        return outcome.decide(REJECTED, POSTING, name, why="BccBlocked")
    if (refused := _is_among(row.get(_REFUSED), situation)) is not False:
        return _decide(outcome, name, refused, _REFUSED)
    if row.get(_ACCEPTED) and (accepted := _is_among(row[_ACCEPTED], situation)) is not True:
        return _decide(outcome, name, None if accepted is None else True, _ACCEPTED)
    return outcome.add_step(Step(POSTING, name, is_match=False))


def _decide(outcome: DeliveryOutcome, name: str, refused: bool | None, why: str) -> DeliveryOutcome:  # noqa: FBT001 - a fact
    if refused is None:
        return outcome.decide(UNKNOWN, POSTING, name, text=why)
    return outcome.decide(REJECTED, POSTING, name, text="5.7.124", why=why)


def _check_moderation(row: Body, name: str, situation: Situation, outcome: DeliveryOutcome) -> DeliveryOutcome:
    """Hold a message for a moderator. Without moderators, the owners of a list are its moderators."""
    if not row.get("ModerationEnabled"):
        return outcome
    directory = situation.directory
    moderators = directory.primary_addresses(row.get("ModeratedBy") or row.get("ManagedBy"))
    sender = directory.primary_address(situation.message.sender)
    free = situation.is_sent_from_inside and (sender in moderators or _is_among(row.get(_BYPASSING), situation))
    if free is None:
        return outcome.decide(UNKNOWN, MODERATION, name, text=_BYPASSING)
    if free:
        return outcome.add_step(Step(MODERATION, name, is_match=False, why="the sender is not moderated"))
    return outcome.decide(MODERATED, MODERATION, name, targets=sorted(moderators))


def _is_among(names: Json, situation: Situation) -> bool | None:
    """Return whether the sender is among the people or the members of the lists."""
    directory = situation.directory
    sender = directory.primary_address(situation.message.sender)
    named = directory.primary_addresses(names)
    return any_of([sender in named, directory.is_member(sender, named)])
