"""Safety checks of a mail rule before it is written: its effect, the people affected, and mail that it could stop."""

import re
from collections.abc import Iterator, Sequence

from connectors.microsoft365.graph.service import path_with
from connectors.microsoft365.kinds.transport_rule.endpoint import Flow, flows, meets_mail_from, meets_mail_to
from connectors.microsoft365.kinds.transport_rule.precedence import (
    HOLDS,
    REFUSES,
    conditions,
    has_action,
    is_acting,
    redirects,
)
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import NotFound
from toolkit.sdk import GroupNesting, Observed, Targets, segment
from toolkit.values import Settings, entries

_BETWEEN = ("between_member_of_1", "between_member_of_2")
_TO, _FROM = ("sent_to_member_of",), ("from_member_of",)


def excludes_addresses(via: Microsoft365, settings: Settings, addresses: Sequence[str]) -> bool:
    """Return whether a rule cannot apply to mail to or from some addresses, because of the groups in its conditions.

    Raise ServiceError if a group cannot be read. A mailbox without an account in Graph may be in any group.
    """
    return all(_excludes_address(via, settings, address) for address in addresses)


def _excludes_address(via: Microsoft365, settings: Settings, address: str) -> bool:
    directions = [
        _groups_by_condition(settings, groups)
        for groups, meets in ((_TO, meets_mail_to), (_FROM, meets_mail_from))
        if meets(settings, address)
    ]
    return bool(directions) and all(
        any(_is_outside(via, address, groups) for groups in conditions) for conditions in directions
    )


def _groups_by_condition(settings: Settings, setting: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the groups in each condition on senders or recipients.

    A `between` condition counts the groups of both sides.
    """
    either = tuple(group for name in _BETWEEN for group in _list_groups_of_condition(settings, name))
    return [groups for groups in (_list_groups_of_condition(settings, setting[0]), either) if groups]


def _list_groups_of_condition(settings: Settings, name: str) -> tuple[str, ...]:
    """Return the groups in a condition.

    Return none if others may add groups, because the condition then limits nothing.
    """
    value = settings.get(name)
    return value if isinstance(value, tuple) else ()


def _is_outside(via: Microsoft365, address: str, groups: Sequence[str]) -> bool:
    directory = via.directory(people=False, groups=groups)
    if directory.unknown or len(directory.groups) < len(set(groups)):
        return False
    try:
        account = str(via.graph.get(path_with(f"/users/{segment(address)}", {"select": "id"}))["id"])
    except NotFound:
        return False
    return all(account not in group.members for group in directory.groups.values())


_SCOPES = frozenset({"from_scope", "sent_to_scope"})
_STOPS = (*REFUSES, "quarantine")
_DIVERTS = (*HOLDS, "route_message_outbound_connector")
_MARKS = (
    "prepend_subject",
    "set_header_name",
    "apply_classification",
    "set_audit_severity",
    "apply_html_disclaimer_text",
)
_SUBJECTS = ("subject_contains_words", "subject_matches_patterns")


JOBS = frozenset({"mark_external_mail", "append_disclaimer", "block_programs", "block_forwarding", "mark_by_subject"})
_PEOPLE_CONDITIONS = (
    "from", "from_member_of", "sent_to", "sent_to_member_of", "any_of_to_header", "any_of_to_header_member_of",
    "any_of_cc_header", "any_of_cc_header_member_of", "any_of_to_cc_header", "any_of_to_cc_header_member_of",
)  # fmt: skip
"""Conditions that name people or groups. A message must meet all conditions of a rule, so each limits its reach."""


NESTING = GroupNesting.TRANSITIVE
"""Members of nested groups also meet a condition about a group, because the mail service expands the group.

Follows https://learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/conditions-and-exceptions
"""


def find_targets(_name: str, settings: Settings) -> Targets:
    """Return the people whose mail a rule affects: the people in its first condition about people, or everyone."""
    for setting in _PEOPLE_CONDITIONS:
        if named := frozenset(entries(settings.get(setting))):
            return Targets(groups=named) if setting.endswith("member_of") else Targets(people=named)
    return Targets(everyone=True, whole_tenant=True)


def jobs(settings: Settings) -> Iterator[str]:
    """Yield the effects of a rule as words, to compare it with another rule. The rule's name is left out."""
    yield from _list_marks_of_external_mail(settings)
    if settings.get("apply_html_disclaimer_text"):  # a banner on incoming mail is another job
        yield from (f"append_disclaimer: {flow.value}" for flow in flows(settings) - {Flow.INCOMING})
    if has_action(settings, _STOPS):
        if has_action(settings, ("attachment_has_executable_content", "attachment_extension_matches_words")):
            yield "block_programs"
        if settings.get("message_type_matches") == "AutoForward":
            yield "block_forwarding"
    if has_action(settings, _MARKS):  # by a word that people write in the subject, such as `personal`
        yield from (f"mark_by_subject: {word}" for word in _list_subject_words(settings))


def could_block_mail(settings: Settings, protected: Sequence[str]) -> tuple[str, ...]:
    """Return the protected addresses whose mail, sent or received, a rule could stop, hold or divert."""
    if not is_acting(settings) or not (_stops_or_diverts(settings) or has_action(settings, _DIVERTS)):
        return ()
    return tuple(a for a in protected if meets_mail_to(settings, a) or meets_mail_from(settings, a))


def missing_exceptions(settings: Settings, addresses: Sequence[str]) -> str:
    """Return the exceptions that a rule still needs so that it does not apply to mail to or from these addresses."""
    missing = [
        setting
        for setting, meets in (("except_if_sent_to", meets_mail_to), ("except_if_from", meets_mail_from))
        if any(meets(settings, address) for address in addresses)
    ]
    return " and ".join(f"{setting}: [{', '.join(addresses)}]" for setting in missing)


def start_in_test_mode(settings: Settings) -> Settings:
    """Return the settings of a new rule. A rule that stops or diverts mail only reports at first."""
    return {**settings, "rule_mode": "Audit"} if _stops_or_diverts(settings) else settings


def describe_promotion(observed: Observed, settings: Settings) -> str | None:
    """Return a notice if a rule that only reported so far will begin to act, or None if it will not."""
    before = observed.settings.get("rule_mode")
    if before not in {"Audit", "AuditAndNotify"} or settings.get("rule_mode") != "Enforce":
        return None
    return f"the rule begins to act: until now it only reported (mode {before})"


def _stops_or_diverts(settings: Settings) -> bool:
    bounces = settings.get("apply_html_disclaimer_fallback_action") == "Reject"
    return has_action(settings, _STOPS) or redirects(settings) or bounces


def _list_marks_of_external_mail(settings: Settings) -> Iterator[str]:
    """Yield a word for a tag or banner on external mail. Tags with the same text have the same word."""
    if not has_action(settings, ("apply_html_disclaimer_text", "prepend_subject")) or flows(settings) != {
        Flow.INCOMING
    }:
        return
    tag = str(settings.get("prepend_subject") or "").strip().casefold()
    banner = re.sub(r"<[^<>]*>", " ", str(settings.get("apply_html_disclaimer_text") or "").casefold())
    if conditions(settings) <= _SCOPES or re.search("extern|outside", f"{tag} {banner}"):
        yield "mark_external_mail"
    if settings.get("apply_html_disclaimer_text"):
        yield "mark_external_mail: banner"
    if tag:
        yield f"mark_external_mail: {tag}"


def _list_subject_words(settings: Settings) -> Iterator[str]:
    for name in _SUBJECTS:
        for entry in entries(settings.get(name)):
            yield from re.findall(r"[^\W\d_]{4,}", re.sub(r"\\.", " ", entry).casefold())
