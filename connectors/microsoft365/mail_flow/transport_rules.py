"""Mail rules as rules of the mail flow, with their conditions and effects.

Follows https://learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/mail-flow-rule-actions
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from connectors.microsoft365.kinds.transport_rule.conditions import CONDITIONS
from connectors.microsoft365.kinds.transport_rule.precedence import is_running
from connectors.microsoft365.mail_flow.conditions import read_conditions
from connectors.microsoft365.mail_flow.policy_objects import Matches, is_from_outside
from toolkit.sdk import (
    MailFacts,
    MailMessage,
    MailObject,
    MailResult,
    MailRule,
    Truth,
    all_of,
    answer,
    cannot_tell,
    split_unread,
)
from toolkit.values import Settings, entries

KIND = "transport_rule"
_ACTIONS = "Actions"
_MANAGER = "the sender's manager"
_CLASSES = ("Conditions", "Exceptions")

_GROUP_SETTINGS = tuple(
    f"{prefix}{name}"
    for prefix in ("", "except_if_")
    for name in CONDITIONS
    if name.endswith("member_of") or name.startswith("between_member_of")
)


def named_groups(rules: Sequence[MailObject]) -> frozenset[str]:
    """Return the groups that conditions and exceptions name."""
    return frozenset(
        group.casefold() for rule in rules for name in _GROUP_SETTINGS for group in entries(rule.settings.get(name))
    )


def transport_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the mail rules in their order. A rule that is switched off or outside its dates is left out."""
    rules, unread = split_unread(facts, KIND, "mail rules")
    yield from unread
    for rule in rules:
        if is_running(rule.settings, facts.at):
            yield from _to_mail_rules(rule, facts)


def _to_mail_rules(rule: MailObject, facts: MailFacts) -> Iterator[MailRule]:
    settings = rule.settings
    result, text, people = _result(settings)
    only_reports = settings.get("rule_mode") not in {None, "Enforce"}
    unread = [(path, name) for path, name in rule.unknown_properties if not _has_spam_level(rule, name)]
    others = (name if path in _CLASSES else path for path, name in unread if path != _ACTIONS)
    unknown = dict.fromkeys(others)
    matches = partial(read_conditions(settings, CONDITIONS, unknown).apply, directory=facts.directory)
    if any(path == _ACTIONS for path, _name in unread) and not result:
        result = MailResult.UNKNOWN
    acting = MailRule(
        kind=KIND,
        name=rule.name,
        matches=matches,
        effect="; ".join(_effects(settings)) or "its effect is unknown",
        result=result,
        text=text,
        people=people,
        ends_stage=bool(settings.get("stop_rule_processing")),
        change=partial(_change, settings) if _changes_message(settings) else None,
        only_reports=only_reports,
    )
    yield from _rejections(acting, settings, facts)
    if people == (_MANAGER,):  # without a manager, the rest of the rule still applies
        yield replace(acting, matches=partial(_matches_with_manager, matches, facts), ends_stage=True)
        acting = replace(acting, result=None, people=(), effect="does not find a manager of the sender")
    yield acting


_UNALTERABLE = frozenset({"Encrypted", "Signed", "PermissionControlled"})


def _rejections(acting: MailRule, settings: Settings, facts: MailFacts) -> Iterator[MailRule]:
    """Yield a rule for each action that returns only some messages, because it cannot be done for them.

    Follows https://learn.microsoft.com/purview/define-mail-flow-rules-to-encrypt-email, and for notices
    https://learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/disclaimers-signatures-footers-or-headers
    """
    if acting.result:
        return
    if settings.get("apply_ome") or settings.get("apply_rights_protection_template"):
        yield replace(
            acting,
            matches=partial(_matches_from_outside, acting.matches, facts),
            effect="returns the message, because mail from outside cannot be encrypted",
            result=MailResult.REJECTED,
        )
    if settings.get("apply_html_disclaimer_text") and settings.get("apply_html_disclaimer_fallback_action") == "Reject":
        yield replace(
            acting,
            matches=partial(_matches_unalterable, acting.matches),
            effect="returns the message, because the notice cannot be added to a signed or encrypted message",
            result=MailResult.REJECTED,
        )


def _matches_from_outside(matches: Matches, facts: MailFacts, message: MailMessage, recipient: str) -> Truth:
    return all_of((matches(message, recipient), is_from_outside(facts, message)))


def _matches_unalterable(matches: Matches, message: MailMessage, recipient: str) -> Truth:
    if message.type is None:
        unalterable = cannot_tell("whether the message is signed or encrypted is not known")
    else:
        unalterable = answer(message.type in _UNALTERABLE, message.type or "an ordinary message")
    return all_of((matches(message, recipient), unalterable))


def _has_spam_level(rule: MailObject, name: str) -> bool:
    """Return whether a class of a rule is about a spam level in its settings. Exchange lists a level of 0 too."""
    setting = {"setscl": "set_scl", "sclover": "scl_over"}.get(name.casefold(), "")
    return rule.settings.get(setting) is not None


def _matches_with_manager(matches: Matches, facts: MailFacts, message: MailMessage, recipient: str) -> Truth:
    """Return whether a rule applies and the sender has a manager."""
    manager = facts.directory.find_manager(message.sender)
    if manager is None:
        return all_of((matches(message, recipient), cannot_tell("the manager of the sender is not read")))
    return all_of((matches(message, recipient), answer(bool(manager), manager)))


_REJECTION = "Delivery not authorized, message refused"


def _result(settings: Settings) -> tuple[MailResult | None, str, tuple[str, ...]]:  # noqa: PLR0911 - one for each
    """Return the result of a rule that ends the message's way, with the text of a rejection or the people."""
    if settings.get("delete_message"):
        return MailResult.DROPPED, "", ()
    if settings.get("reject_message_reason_text") or settings.get("reject_message_enhanced_status_code"):
        return MailResult.REJECTED, str(settings.get("reject_message_reason_text") or _REJECTION), ()
    if settings.get("quarantine"):
        return MailResult.QUARANTINED, "", ()
    if people := entries(settings.get("redirect_message_to")):
        return MailResult.REDIRECTED, "", tuple(sorted(people))
    if settings.get("add_manager_as_recipient_type") == "Redirect":
        return MailResult.REDIRECTED, "", (_MANAGER,)
    if people := entries(settings.get("moderate_message_by_user")):
        return MailResult.MODERATED, "", tuple(sorted(people))
    if settings.get("moderate_message_by_manager"):
        return MailResult.MODERATED, "", (_MANAGER,)
    return None, "", ()


def _changes_message(settings: Settings) -> bool:
    names = ("prepend_subject", "set_header_name", "remove_header", "set_scl", "apply_html_disclaimer_text")
    return any(settings.get(name) is not None for name in names)


def _change(settings: Settings, message: MailMessage) -> MailMessage:
    """Return the message as later rules see it."""
    subject, headers, level, body = message.subject, message.headers, message.spam_level, message.body
    if (prefix := settings.get("prepend_subject")) is not None and subject is not None:
        subject = f"{prefix}{subject}"
    if (removed := settings.get("remove_header")) is not None:
        headers = tuple(header for header in headers if header[0] != str(removed).casefold())
    if (name := settings.get("set_header_name")) is not None:
        kept = [header for header in headers if header[0] != str(name).casefold()]
        headers = (*kept, (str(name).casefold(), str(settings.get("set_header_value") or "")))
    if isinstance(scl := settings.get("set_scl"), int):
        level = scl
    if (notice := settings.get("apply_html_disclaimer_text")) is not None and body is not None:
        body = f"{body}\n{notice}"
    return replace(message, subject=subject, headers=headers, spam_level=level, body=body)


def _effects(settings: Settings) -> Iterator[str]:
    """Yield the effects of a rule, in words."""
    result, _text, to = _result(settings)
    match result:
        case MailResult.DROPPED:
            yield "deletes the message, and no one is notified"
        case MailResult.REJECTED:
            yield "rejects the message"
        case MailResult.QUARANTINED:
            yield "puts the message into quarantine"
        case MailResult.REDIRECTED:
            yield f"sends the message to {', '.join(to)} instead"
        case MailResult.MODERATED:
            yield f"the message waits for {' or '.join(to)}"
    for name, words in _WORDS.items():
        if (value := settings.get(name)) is not None:
            yield words.format(", ".join(entries(value)) if isinstance(value, tuple) else value)
    if settings.get("stop_rule_processing"):
        yield "no later mail rule applies"


_WORDS = {
    "set_scl": "sets the spam level to {}",
    "prepend_subject": "puts “{}” before the subject",
    "apply_html_disclaimer_text": "adds a notice to the text",
    "set_header_name": "sets the header field {}",
    "remove_header": "removes the header field {}",
    "blind_copy_to": "sends a copy to {}, which others do not see",
    "copy_to": "sends a copy to {}",
    "add_to_recipients": "adds {} to the recipients",
    "generate_incident_report": "sends a report to {}",
    "generate_notification": "notifies the recipient",
    "set_audit_severity": "records the message with severity {}",
    "route_message_outbound_connector": "sends the message through the connector {}",
    "route_message_outbound_require_tls": "sends the message only over an encrypted connection",
    "apply_classification": "gives the message the classification {}",
    "apply_rights_protection_template": "protects the message with {}",
    "apply_ome": "encrypts the message",
}
