"""Gmail's rules during a delivery: blocked senders, compliance rules and data protection rules.

A compliance rule is live if gmail.rule_states enables its id. If several rules match, a rejection wins over a
quarantine, and a quarantine over a change of the message. Google's pages (support.google.com/a/answer/1346934,
1346936, 2364580) do not say which of several rules wins, so this order is an assumption.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.emulator.delivery.matching import any_of, contains_word
from connectors.emulator.delivery.message import ARCHIVES, Message, extension_of
from connectors.emulator.delivery.outcome import QUARANTINED, REJECTED, UNKNOWN, DeliveryOutcome, Step
from connectors.emulator.google_workspace.delivery.data_protection import decide_condition
from connectors.emulator.google_workspace.delivery.directory import GoogleMailDirectory
from connectors.emulator.google_workspace.values import mapping, sequence, text, texts
from connectors.emulator.store import Body, Json

_COMPLIANCE = (
    ("gmail.content_compliance", "contentComplianceRules", "content_compliance"),
    ("gmail.objectionable_content", "objectionableContentRules", "objectionable_content"),
    ("gmail.attachment_compliance", "attachmentComplianceRules", "attachment_compliance"),
)
_BLOCKED, _PROTECTION = "blocked_senders", "data_protection_rule"
_PROGRAMS = frozenset({"exe", "com", "dll", "msi", "scr", "bat", "cmd", "jar", "pif", "vbs"})


@dataclass(frozen=True, slots=True)
class Flow:
    """One side of a message's way: the person whose settings count, and the direction."""

    person: str
    direction: str  # Inbound, Outbound, InternalSending, InternalReceiving
    via_group: bool = False

    @property
    def trigger(self) -> str:
        way = "send" if self.direction in {"Outbound", "InternalSending"} else "receive"
        return f"google.workspace.gmail.email.v1.{way}"


@dataclass(frozen=True, slots=True)
class _Verdict:
    kind: str
    name: str
    result: str  # "" if the message is only changed or recorded
    is_match: bool | None
    why: str = ""
    effect: str = ""  # of a rule that stops nothing, such as warnUser


def apply_rules(
    flow: Flow, message: Message, directory: GoogleMailDirectory, outcome: DeliveryOutcome
) -> DeliveryOutcome:
    """Return the outcome after the rules of a person for one direction."""
    verdicts = [
        *_blocked_senders(flow, message, directory),
        *_compliance(flow, message, directory),
        *_data_protection(flow, message, directory),
    ]
    for verdict in verdicts:
        effect = verdict.result or verdict.effect
        outcome = outcome.add_step(Step(verdict.kind, verdict.name, verdict.is_match, verdict.why, effect))
    for result in (REJECTED, QUARANTINED):
        fitting = [verdict for verdict in verdicts if verdict.result == result and verdict.is_match is not False]
        certain = [verdict for verdict in fitting if verdict.is_match]
        for verdict in certain or fitting[:1]:
            decided = result if verdict.is_match else UNKNOWN
            return outcome.decide(decided, verdict.kind, verdict.name, text="" if verdict.is_match else verdict.why)
    return outcome


def _blocked_senders(flow: Flow, message: Message, directory: GoogleMailDirectory) -> Iterator[_Verdict]:
    """Yield the verdicts about blocked senders. The From header must be exactly a listed address or domain.

    Follows support.google.com/a/answer/2364632, which says that a message through a group may arrive all the same.
    """
    if flow.direction != "Inbound":
        return
    for rule in directory.rules("gmail.blocked_sender_lists", "blockedSenders", flow.person):
        blocked = _is_listed(message.sender, rule.get("senderBlocklist"), flow, directory)
        spared = _is_listed(message.sender, rule.get("bypassApprovedSenderAllowlist"), flow, directory)
        is_match = None if blocked and not spared and flow.via_group else blocked and not spared
        why = "whether the setting applies to a message through a group" if is_match is None else ""
        yield _Verdict(_BLOCKED, _name_of(rule), REJECTED, is_match, why)


def _is_listed(sender: str, lists: Json, flow: Flow, directory: GoogleMailDirectory) -> bool:
    entries = [entry for key in texts(lists) for entry in directory.address_list(key, flow.person) or ()]
    return sender in entries or sender.rpartition("@")[2] in entries


def _compliance(flow: Flow, message: Message, directory: GoogleMailDirectory) -> Iterator[_Verdict]:
    for setting, column, kind in _COMPLIANCE:
        for rule in directory.rules(setting, column, flow.person):
            if mapping(rule.get("condition")).get(f"affect{flow.direction}Messages") is not True:
                continue
            is_match = _matches(rule, message)
            consequence = text(mapping(rule.get("consequence")).get("ruleConsequenceType"))
            why = "the expressions of the rule" if is_match is None else ""
            yield _Verdict(kind, _name_of(rule), _result_of(consequence), is_match, why, effect=consequence)


def _result_of(consequence: str) -> str:
    if "REJECT" in consequence:
        return REJECTED
    return QUARANTINED if "QUARANTINE" in consequence else ""


def _matches(rule: Body, message: Message) -> bool | None:
    """Return whether a message contains one of a rule's words, or meets its only expression.

    None for expressions whose form is not known, and for several that differ, because they may be joined by and or or.
    """
    if words := texts(rule.get("words")):
        pieces = [message.subject, message.body, *(file.text for file in message.attachments)]
        return any_of(None if piece is None else contains_word(piece, words) for piece in pieces)
    facts = {_meets(mapping(expression), message) for expression in sequence(rule.get("matchExpressions"))}
    return facts.pop() if len(facts) == 1 else None


def _meets(expression: Body, message: Message) -> bool | None:
    file_type = mapping(expression.get("fileType"))
    if file_type.get("category") != "EXECUTABLE":
        return None
    return any_of(_is_program(file.name, file.files, file_type) for file in message.attachments)


def _is_program(name: str, inside: tuple[str, ...] | None, file_type: Body) -> bool | None:
    if extension_of(name) in _PROGRAMS:
        return True
    if extension_of(name) not in ARCHIVES or not file_type.get("includeArchives"):
        return False
    return None if inside is None else any(extension_of(file) in _PROGRAMS for file in inside)


_HARMLESS = frozenset({"warnUser", "auditOnly"})


def _data_protection(flow: Flow, message: Message, directory: GoogleMailDirectory) -> Iterator[_Verdict]:
    """Yield the verdicts of data protection rules. A rule that only warns or records stops nothing."""
    for value in directory.named_policies("rule.dlp", flow.person):
        if value.get("state", "ACTIVE") != "ACTIVE" or flow.trigger not in texts(value.get("triggers")):
            continue
        actions = mapping(mapping(value.get("action")).get("gmailAction"))
        condition = text(mapping(value.get("condition")).get("contentCondition"))
        is_match, why = decide_condition(condition, message, directory), condition
        stops = [name for name in actions if name not in _HARMLESS]
        applies = any(_applies(mapping(actions[name]), message, directory) for name in stops)
        if is_match and stops not in ([], ["blockContent"]):
            is_match, why = None, f"the action {', '.join(stops)}"
        yield _Verdict(
            _PROTECTION,
            text(value.get("displayName")),
            result=REJECTED if applies else "",
            is_match=is_match,
            why=why if is_match is None else "",
            effect=", ".join(actions),
        )


def _applies(action: Body, message: Message, directory: GoogleMailDirectory) -> bool:
    """Return whether an action is for a message: an external one leaves or enters the organisation."""
    parameters = mapping(action.get("actionParams"))
    people = (message.sender, *message.recipients)
    external = not all(directory.is_inside(address) for address in people)
    key = "applyExternalMessages" if external else "applyInternalMessages"
    return not parameters or parameters.get(key) is True


def _name_of(rule: Body) -> str:
    return text(rule.get("description")) or text(rule.get("ruleId"))
