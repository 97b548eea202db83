"""Finds mail rules that stop a later rule from working, for each direction of mail.

https://learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/mail-flow-rules
"""

from collections.abc import Iterator
from datetime import datetime

from connectors.microsoft365.kinds.transport_rule.conditions import CONDITIONS
from connectors.microsoft365.kinds.transport_rule.endpoint import Flow, flows
from connectors.microsoft365.kinds.transport_rule.paired_settings import NEEDS, REFINEMENTS
from toolkit.sdk import Defeat, Members, PlacedRule, parse_instant
from toolkit.values import Settings, Value, entries

REFUSES = ("delete_message", "reject_message_reason_text", "reject_message_enhanced_status_code")
HOLDS = ("moderate_message_by_user", "moderate_message_by_manager")
# The results of these actions are lost if an earlier rule deletes the message.
_KEEPS = (
    "copy_to", "blind_copy_to", "add_to_recipients", "add_manager_as_recipient_type", "generate_incident_report",
    "redirect_message_to", "quarantine", *HOLDS,
)  # fmt: skip
_DIRECTIONS = {
    "from_scope": {"InOrganization", "NotInOrganization"},
    "sent_to_scope": {"InOrganization", "NotInOrganization"},
}
"""Conditions with the values that `flows` covers completely."""

_SHOWN_ENTRIES = 3
"""The number of a condition's entries that are shown."""

_ONE_SENDER = ("from", "sender_domain_is")
"""Conditions of which a message matches only one entry, since it has one sender."""


def defeats(first: PlacedRule, later: PlacedRule, now: datetime | None) -> Defeat | None:
    """Return how an earlier rule stops a later rule from working, and for which messages.

    Return None if it does not.
    """
    first_settings, later_settings = first.settings, later.settings
    if not _describe_end_of_processing(first_settings, later_settings, whole=True):
        return None
    shared = flows(first_settings) & flows(later_settings)
    if not (is_acting(first_settings, now) and is_running(later_settings, now) and shared) or _cannot_overlap(
        first_settings, later_settings, first.members
    ):
        return None
    whole = first.whole and _covers(first_settings, later_settings, first.members)
    how = _describe_end_of_processing(first_settings, later_settings, whole=whole)
    return Defeat(f"{how} {_describe_messages(first, shared, whole=whole)}", whole) if how else None


def is_running(settings: Settings, now: datetime | None) -> bool:
    """Return whether a rule is enabled, and `now` is between its dates. A rule that only reports counts too."""
    begins, ends = settings.get("activation_date"), settings.get("expiry_date")
    begun = not begins or now is None or parse_instant(str(begins)) <= now
    ended = bool(ends) and now is not None and parse_instant(str(ends)) <= now
    return settings.get("enabled") is not False and begun and not ended


def is_acting(settings: Settings, now: datetime | None = None) -> bool:
    """Return whether a rule is enabled, within its dates, and acts on messages.

    A rule that only reports does not act.
    """
    return is_running(settings, now) and settings.get("rule_mode") in {None, "Enforce"}


def has_action(settings: Settings, actions: tuple[str, ...]) -> bool:
    """Return whether a rule has any of these actions."""
    return any(settings.get(action) is not None for action in actions)


def redirects(settings: Settings) -> bool:
    """Return whether a rule delivers messages to other people instead of the recipients."""
    return bool(entries(settings.get("redirect_message_to"))) or (
        settings.get("add_manager_as_recipient_type") == "Redirect"
    )


def conditions(settings: Settings) -> frozenset[str]:
    return frozenset(name for name in CONDITIONS if settings.get(name) is not None)


def _describe_end_of_processing(first: Settings, later: Settings, *, whole: bool) -> str:
    if first.get("stop_rule_processing"):
        return "it stops the processing of later rules for"
    if redirects(first):
        return "it redirects"
    if first.get("quarantine"):
        return "it quarantines"
    if has_action(first, HOLDS):
        return "it holds for approval"
    # A message that no one gets does not need a mark, but a copy or report of it would be missing.
    return "it deletes or rejects" if has_action(first, REFUSES) and (whole or has_action(later, _KEEPS)) else ""


def _describe_messages(first: PlacedRule, shared: frozenset[Flow], *, whole: bool) -> str:
    directions = "" if shared == frozenset(Flow) else " and ".join(flow.value for flow in Flow if flow in shared) + " "
    if whole:
        return f"every {directions}message"
    shown_conditions = [_format_entries(name, first.settings) for name in _list_other_conditions(first.settings)]
    shown_exceptions = [_format_entries(name, first.settings) for name in _list_other_exceptions(first.settings)]
    where = f" with {', '.join(shown_conditions)}" if shown_conditions else ""
    unless = f", except with {', '.join(shown_exceptions)}" if shown_exceptions else ""
    unread = "" if first.whole else " (the rule has conditions or exceptions that this version of toolkit cannot read)"
    return f"{directions}messages{where}{unless}{unread}"


def _format_entries(name: str, settings: Settings) -> str:
    value = settings[name]
    if not isinstance(value, tuple):
        return f"{name} {value}"
    more = f" and {len(value) - _SHOWN_ENTRIES} more" if len(value) > _SHOWN_ENTRIES else ""
    return f"{name} {', '.join(value[:_SHOWN_ENTRIES])}{more}"


def _covers(first: Settings, later: Settings, members: Members) -> bool:
    """Return whether the first rule applies to every message of the later rule, in the directions that both have."""
    return all(_is_within(later.get(name), first[name], members) for name in _list_other_conditions(first)) and all(
        _is_within(first[name], later.get(name), members) for name in _list_other_exceptions(first)
    )


def _list_other_conditions(settings: Settings) -> Iterator[str]:
    """Yield the conditions of a rule, except conditions on a whole direction of mail, which `flows` evaluates."""
    for name in CONDITIONS:
        if settings.get(name) is not None and settings[name] not in _DIRECTIONS.get(name, ()):
            yield name


def _list_other_exceptions(settings: Settings) -> Iterator[str]:
    """Yield the exceptions of a rule, except exceptions for a whole direction of mail."""
    for name in CONDITIONS:
        value = settings.get(f"except_if_{name}")
        if value is not None and value not in _DIRECTIONS.get(name, ()):
            yield f"except_if_{name}"


def _cannot_overlap(first: Settings, later: Settings, members: Members) -> bool:
    """Return whether no message can match both rules, because of an exception or because the senders differ."""
    is_exempt = any(_has_exception_for(rule, other, members) for rule, other in ((first, later), (later, first)))
    if is_exempt or any(_have_no_common_sender(first.get(name), later.get(name)) for name in _ONE_SENDER):
        return True
    senders, others = (_find_members(rule.get("from_member_of"), members) for rule in (first, later))
    return senders is not None and others is not None and senders.isdisjoint(others)


def _has_exception_for(rule: Settings, other: Settings, members: Members) -> bool:
    """Return whether a rule has an exception for every message that another rule applies to."""
    for name in conditions(other) - _DIRECTIONS.keys() - REFINEMENTS.keys() - {*REFINEMENTS.values()}:
        paired_names = (name, NEEDS[name]) if name in NEEDS else (name,)
        if all(_is_within(other.get(setting), rule.get(f"except_if_{setting}"), members) for setting in paired_names):
            return True
    return False


def _have_no_common_sender(first: Value, later: Value) -> bool:
    """Return whether two lists of addresses or domains have no sender in common."""
    if not (isinstance(first, tuple) and isinstance(later, tuple)):
        return False
    pairs = [(first_entry, later_entry) for first_entry in first for later_entry in later]
    return not any(a == b or a.endswith(f".{b}") or b.endswith(f".{a}") for a, b in pairs)


def _is_within(inner: Value, outer: Value, members: Members) -> bool:
    """Return whether every message that matches `inner` also matches `outer`. Groups are compared by their members."""
    if inner is None or outer is None:
        return False
    if isinstance(inner, tuple) and isinstance(outer, tuple):
        people, others = _find_members(inner, members), _find_members(outer, members)
        return set(inner) <= set(outer) or (people is not None and others is not None and people <= others)
    return inner == outer


def _find_members(groups: Value, members: Members) -> frozenset[str] | None:
    """Return the members of groups.

    Return None if the members of a group are unknown, or the value does not name groups.
    """
    held = [members.get(name.lower()) for name in groups] if isinstance(groups, tuple) else []
    known_members = [people for people in held if people is not None]
    return frozenset[str]().union(*known_members) if held and len(known_members) == len(held) else None
