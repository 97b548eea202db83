"""Compliance rules of Gmail for content, attachments and objectionable words, for senders' and recipients' units.

Follows https://support.google.com/a/answer/1346934 and https://support.google.com/a/answer/2364580
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from connectors.google_workspace.mail_flow.group_rules import sender_is_inside
from connectors.google_workspace.mail_flow.unit_settings import by_setting, is_in_unit, is_on, rows_of
from toolkit.sdk import (
    MailFacts,
    MailMessage,
    MailResult,
    MailRule,
    Truth,
    all_of,
    any_of,
    cannot_tell,
    contains_word,
    flag,
    mapping,
    mappings,
    negate,
    no,
    text,
    texts,
    yes,
)
from toolkit.values import Body, Json

_RULES: Mapping[str, tuple[str, str]] = {
    "gmail.content_compliance": ("content_compliance", "contentComplianceRules"),
    "settings/gmail.attachment_compliance": ("attachment_compliance", "attachmentComplianceRules"),
    "settings/gmail.objectionable_content": ("objectionable_content", "objectionableContentRules"),
}
_PROGRAMS = frozenset({"exe", "dll", "com", "scr", "msi"})
_SCRIPTS = frozenset({"bat", "cmd", "js", "jse", "vbs", "vbe", "wsf", "ps1", "jar"})
_ARCHIVES = frozenset({"zip", "rar", "7z", "gz", "tar"})
SETTINGS = tuple(_RULES)
_CONSEQUENCES = {
    "REJECT": (MailResult.REJECTED, "rejects the message"),
    "QUARANTINE": (MailResult.QUARANTINED, "puts the message into quarantine"),
    "MODIFY": (None, "changes the message or its route"),
    "MODIFY_MESSAGE": (None, "changes the message or its route"),
}


def compliance_rules(facts: MailFacts, *, sending: bool) -> Iterator[MailRule]:
    """Yield the rules of senders' or recipients' units for content, attachments and objectionable words."""
    for setting, (kind, key) in _RULES.items():
        for unit, entry in by_setting(facts, setting):
            for row in rows_of(entry, key):
                if not any(flag(mapping(row.get("condition")).get(name)) for name in _DIRECTIONS[sending]):
                    continue
                consequence = text(mapping(row.get("consequence")).get("ruleConsequenceType"))
                result, effect = _CONSEQUENCES.get(consequence, (MailResult.UNKNOWN, "its effect is unknown"))
                yield MailRule(
                    kind=kind,
                    name=text(row.get("description")) or setting,
                    matches=partial(_meets, facts, (unit, row, _DIRECTIONS[sending])),
                    effect=effect,
                    result=result,
                    text=text(mapping(row.get("consequence")).get("rejectionNotice")),
                )


_DIRECTIONS: Mapping[bool, Mapping[str, tuple[bool, bool]]] = {
    True: {"affectOutboundMessages": (True, False), "affectInternalSendingMessages": (True, True)},
    False: {"affectInboundMessages": (False, True), "affectInternalReceivingMessages": (True, True)},
}
"""Google's names of directions for the sender's and the recipient's unit: whether both are at the school."""

PlacedRow = tuple[str, Body, Mapping[str, tuple[bool, bool]]]
"""A unit, a rule of the unit, and the directions that are judged."""


def _meets(facts: MailFacts, placed: PlacedRow, message: MailMessage, recipient: str) -> Truth:
    unit, row, directions = placed
    condition = mapping(row.get("condition"))
    covered = message.sender if directions is _DIRECTIONS[True] else recipient
    goes = any_of(
        _goes(facts, message, recipient, *directions[name]) for name in directions if flag(condition.get(name))
    )
    every_direction = {name for side in _DIRECTIONS.values() for name in side}
    unread = [
        cannot_tell(f"toolkit does not decide the condition {name}")
        for name in condition
        if name not in every_direction and condition[name]
    ]
    expressions = [_matches_expression(entry, message) for entry in mappings(row.get("matchExpressions"))]
    every = "ALL" in text(row.get("matchType") or row.get("expressionMatchType"))
    if "words" in row:
        expressions.append(_contains_any(texts(row["words"]), message))
    unread += [cannot_tell(f"toolkit does not decide {name}") for name in row if name not in _DECIDED_KEYS]
    content = (all_of if every else any_of)(expressions) if expressions else yes("every message")
    return all_of((goes, is_in_unit(facts.directory, covered, unit), content, *unread, is_on(facts, unit, row)))


_DECIDED_KEYS = frozenset(
    {
        "ruleId",
        "description",
        "condition",
        "consequence",
        "matchExpressions",
        "matchType",
        "expressionMatchType",
        "words",
    }
)


def _contains_any(words: Sequence[str], message: MailMessage) -> Truth:
    """Return whether the subject, the text or an attachment contains one of the words."""
    parts = [("subject", message.subject), ("text", message.body)]
    parts += [(f"text of {file.name}", file.text) for file in message.attachments]  # two files may have one name
    known_texts = [text for _name, text in parts if text is not None]
    match = any_of(contains_word(text, word) for text in known_texts for word in words)
    missing = [f"the {name} is not known" for name, text in parts if text is None]
    return cannot_tell(*missing) if match.value is False and missing else match


def _goes(facts: MailFacts, message: MailMessage, recipient: str, from_inside: bool, to_inside: bool) -> Truth:  # noqa: FBT001 - a direction
    """Return whether a message goes in a direction."""
    inside, to = sender_is_inside(facts, message), facts.directory.is_at_school(recipient)
    direction = yes() if to == to_inside else no("another direction")
    return all_of((inside if from_inside else negate(inside), direction))


def _matches_expression(expression: Body, message: MailMessage) -> Truth:
    """Return whether a message meets an expression. Only types of files are decided."""
    kinds = mapping(expression.get("fileType"))
    if set(expression) != {"fileType"} or text(kinds.get("category")) != "EXECUTABLE":
        what: Json = sorted(expression)
        return cannot_tell(f"toolkit does not decide {', '.join(texts(what))}")
    if not message.attachments:
        return no("no attachment")
    return any_of(_is_program(file.extension, file.name, kinds) for file in message.attachments)


def _is_program(extension: str, name: str, kinds: Body) -> Truth:
    if extension in _PROGRAMS:
        return yes(name)
    if extension in _SCRIPTS:
        return cannot_tell(f"Google does not document whether {name} counts as a program")
    if extension in _ARCHIVES and flag(kinds.get("includeArchives")):
        return cannot_tell(f"the files inside {name} are not known")
    return no(name)
