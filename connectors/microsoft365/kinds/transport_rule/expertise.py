"""What somebody who runs mail for schools knows about a rule before it is written."""

import re
from collections.abc import Iterator, Sequence

from connectors.microsoft365.kinds.transport_rule.content import AttachmentConditions, MessageConditions
from connectors.microsoft365.kinds.transport_rule.flow import Flow, flows, meets_mail_from, meets_mail_to
from connectors.microsoft365.kinds.transport_rule.people import RecipientConditions, SenderConditions
from toolkit.sdk.resource import Observed
from toolkit.values import Settings, entries

_CONDITIONS = frozenset(
    field.alias or name
    for conditions in (SenderConditions, RecipientConditions, MessageConditions, AttachmentConditions)
    for name, field in conditions.model_fields.items()
)
_SCOPES = frozenset({"from_scope", "sent_to_scope"})
_REFUSES = ("delete_message", "reject_message_reason_text", "reject_message_enhanced_status_code")
_STOPS = (*_REFUSES, "quarantine")
_HOLDS = ("moderate_message_by_user", "moderate_message_by_manager", "route_message_outbound_connector")
_MARKS = (
    "prepend_subject",
    "set_header_name",
    "apply_classification",
    "set_audit_severity",
    "apply_html_disclaimer_text",
)
_SUBJECTS = ("subject_contains_words", "subject_matches_patterns")
# What is done by these is lost when the message is deleted before.
_KEEPS = (
    "copy_to", "blind_copy_to", "add_to_recipients", "add_manager_as_recipient_type", "generate_incident_report",
    "redirect_message_to", "quarantine", "moderate_message_by_user", "moderate_message_by_manager",
)  # fmt: skip


def does_same_job(observed: Settings, desired: Settings) -> bool:
    """Say whether two rules do one job under different names; one that is switched off counts too."""
    return any(
        same(observed, desired)
        for same in (_both_mark_incoming, _both_append, _both_stop_programs, _both_stop_forwarding, _both_mark_subject)
    )


def defeats(foreign: Settings, ours: Settings) -> str | None:
    """Say how a rule that runs before ours keeps ours from working."""
    if not _acts(foreign) or not flows(foreign) & flows(ours):
        return None
    whose = "every message" if not _conditions(foreign) else "the messages that it applies to"
    if foreign.get("stop_rule_processing"):
        return f"it stops the processing of the rules after it for {whose}"
    if _redirects(foreign):
        return f"it redirects {whose}"
    # A message that nobody gets needs no mark; a copy or a report of it is missed.
    if _does(foreign, _REFUSES) and (not _conditions(foreign) or _does(ours, _KEEPS)):
        return f"it deletes or rejects {whose}"
    return None


def holds_up(settings: Settings, protected: Sequence[str]) -> tuple[str, ...]:
    """List those of the protected addresses whose mail, in either direction, a rule could stop, hold or divert."""
    if not _acts(settings) or not (_intervenes(settings) or _does(settings, _HOLDS)):
        return ()
    return tuple(a for a in protected if meets_mail_to(settings, a) or meets_mail_from(settings, a))


def spared_by(settings: Settings, addresses: Sequence[str]) -> str:
    """Name the exceptions for these addresses that the rule lacks: as recipients, as senders, or both."""
    lacking = [
        setting
        for setting, meets in (("except_if_sent_to", meets_mail_to), ("except_if_from", meets_mail_from))
        if any(meets(settings, address) for address in addresses)
    ]
    return " and ".join(f"{setting}: [{', '.join(addresses)}]" for setting in lacking)


def cautious(settings: Settings) -> Settings:
    """Let a new rule that stops or diverts mail only report at first."""
    return {**settings, "rule_mode": "Audit"} if _intervenes(settings) else settings


def promotion(observed: Observed, settings: Settings) -> str | None:
    """Say when a rule that only reported begins to act."""
    before = observed.settings.get("rule_mode")
    if before not in {"Audit", "AuditAndNotify"} or settings.get("rule_mode") != "Enforce":
        return None
    return f"begins to act: until now it only reported (mode {before})"


def _acts(settings: Settings) -> bool:
    return settings.get("enabled") is not False and settings.get("rule_mode") in {None, "Enforce"}


def _does(settings: Settings, actions: Sequence[str]) -> bool:
    return any(settings.get(action) is not None for action in actions)


def _redirects(settings: Settings) -> bool:
    return bool(entries(settings.get("redirect_message_to"))) or (
        settings.get("add_manager_as_recipient_type") == "Redirect"
    )


def _intervenes(settings: Settings) -> bool:
    bounces = settings.get("apply_html_disclaimer_fallback_action") == "Reject"
    return _does(settings, _STOPS) or _redirects(settings) or bounces


def _conditions(settings: Settings) -> frozenset[str]:
    return frozenset(name for name in _CONDITIONS if settings.get(name) is not None)


def _marks_incoming(settings: Settings) -> bool:
    marks = _does(settings, ("apply_html_disclaimer_text", "prepend_subject"))
    return marks and flows(settings) == {Flow.INCOMING}


def _both_mark_incoming(observed: Settings, desired: Settings) -> bool:
    """Compare banners and tags on mail from outside; a tag for some of it alone is no external tag."""
    if not (_marks_incoming(observed) and _marks_incoming(desired)):
        return False
    banners = all(rule.get("apply_html_disclaimer_text") for rule in (observed, desired))
    everywhere = all(_conditions(rule) <= _SCOPES for rule in (observed, desired))
    return banners or everywhere or _tag(observed) == _tag(desired)


def _tag(settings: Settings) -> str:
    return str(settings.get("prepend_subject") or "").strip().casefold()


def _both_append(observed: Settings, desired: Settings) -> bool:
    """Compare disclaimers; an inbound banner is another job."""
    both = all(rule.get("apply_html_disclaimer_text") for rule in (observed, desired))
    incoming = {Flow.INCOMING}
    return both and bool((flows(observed) & flows(desired)) - incoming)


def _both_stop_programs(observed: Settings, desired: Settings) -> bool:
    return all(
        _does(rule, _STOPS) and _does(rule, ("attachment_has_executable_content", "attachment_extension_matches_words"))
        for rule in (observed, desired)
    )


def _both_stop_forwarding(observed: Settings, desired: Settings) -> bool:
    return all(
        _does(rule, _STOPS) and rule.get("message_type_matches") == "AutoForward" for rule in (observed, desired)
    )


def _both_mark_subject(observed: Settings, desired: Settings) -> bool:
    """Compare rules that mark messages by a word people write into the subject, such as `personal`."""
    if not (_does(observed, _MARKS) and _does(desired, _MARKS)):
        return False
    return bool(set(_subject_words(observed)) & set(_subject_words(desired)))


def _subject_words(settings: Settings) -> Iterator[str]:
    for name in _SUBJECTS:
        for entry in entries(settings.get(name)):
            yield from re.findall(r"[^\W\d_]{4,}", re.sub(r"\\.", " ", entry).casefold())
