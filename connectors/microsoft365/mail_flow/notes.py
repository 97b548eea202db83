"""Notes about a message that no rule stops: scanning, the external tag, limits and retention."""

from collections.abc import Iterator
from functools import partial

from connectors.microsoft365.mail_flow.policy_objects import (
    OUTBOUND,
    RETENTION,
    SAFE_FILES,
    TAG,
    Matches,
    is_from_outside,
    leaves,
)
from toolkit.sdk import MailFacts, MailMessage, MailObject, MailRule, Truth, no, yes
from toolkit.values import entries


def notes(facts: MailFacts) -> Iterator[MailRule]:
    """Yield notes about a message that no rule stops, such as its retention."""
    for entry in facts.objects.get(SAFE_FILES, ()):
        if entry.settings.get("enable"):
            yield _note(SAFE_FILES, entry.name, partial(_scans, entry), "opens the attachments first (some minutes)")
    for entry in facts.objects.get(TAG, ()):
        if entry.settings.get("enabled"):
            yield _note(TAG, entry.name, partial(_is_tagged, facts, entry), "Outlook marks the message as External")
    for entry in facts.objects.get(OUTBOUND, ()):
        limit = entry.settings.get("recipient_limit_external_per_hour")
        if limit and entry.name == "Default":
            effect = f"at most {limit} recipients outside in an hour, but the number so far is not known"
            yield _note(OUTBOUND, entry.name, partial(leaves, facts), effect)
    for entry in facts.objects.get(RETENTION, ()):
        if entry.settings.get("enabled") and entries(entry.settings.get("mail")) == ("all",):
            days = entry.settings.get("keep_days")
            words = _duration(days) if isinstance(days, int) else "without an end"
            yield _note(RETENTION, entry.name, partial(_is_kept, facts), f"keeps the message {words}")


_YEAR = 365


def _duration(days: int) -> str:
    return f"for {days // _YEAR} years" if days > _YEAR and not days % _YEAR else f"for {days} days"


def _note(kind: str, name: str, matches: Matches, effect: str) -> MailRule:
    return MailRule(kind=kind, name=name, matches=matches, effect=effect, is_note=True)


def _scans(policy: MailObject, message: MailMessage, recipient: str) -> Truth:
    domains = entries(policy.settings.get("domains"))
    covered = recipient.rpartition("@")[2].casefold() in domains
    return yes() if message.attachments and covered else no()


def _is_tagged(facts: MailFacts, tag: MailObject, message: MailMessage, recipient: str) -> Truth:
    allowed = entries(tag.settings.get("allow_list"))
    domain = message.sender.rpartition("@")[2]
    if message.sender in allowed or domain in allowed or not facts.directory.is_at_school(recipient):
        return no("the sender is trusted")
    return is_from_outside(facts, message)


def _is_kept(facts: MailFacts, _message: MailMessage, recipient: str) -> Truth:
    return yes() if facts.directory.is_at_school(recipient) else no()
