"""Read the objects of a kind, and decide on the direction of a message and on policies next to others."""

from collections.abc import Callable, Iterator, Sequence

from connectors.microsoft365.mail_flow.meeting import Meeting
from toolkit.sdk import MailFacts, MailMessage, MailObject, MailRule, Truth, cannot_tell, negate, no, unreadable_rule

CONNECTION, MALWARE, SAFE_FILES = "connection_filter", "malware_filter_policy", "safe_attachment_policy"
SPAM, LISTS, OUTBOUND = "content_filter_policy", "list_moderation", "outbound_spam_policy"
REMOTE, TAG, RETENTION = "remote_domain", "external_in_outlook", "retention_policy"

Matches = Callable[[MailMessage, str], Truth]


def readable(facts: MailFacts, kind: str, title: str) -> Iterator[MailObject | MailRule]:
    """Yield the objects of a kind, and a rule for each part that could not be read."""
    if kind in facts.unread_kinds:
        yield unreadable_rule(kind, title, facts.unread_kinds[kind])
    for entry in facts.objects.get(kind, ()):
        yield unreadable_rule(kind, entry.name, entry.unreadable) if entry.unreadable else entry


def is_from_outside(facts: MailFacts, message: MailMessage) -> Truth:
    return negate(Meeting(message, "", facts.directory, {}).sender_is_inside())


def leaves(facts: MailFacts, message: MailMessage, recipient: str) -> Truth:
    """Return whether a message goes from inside to outside."""
    if facts.directory.is_at_school(recipient):
        return no("the recipient is inside")
    return negate(is_from_outside(facts, message))


def limit_to_only_policy(truth: Truth, policies: Sequence[MailObject]) -> Truth:
    """Return an answer for a policy that applies for certain only if it is the only policy."""
    if truth.value and len(policies) > 1:
        return cannot_tell(*truth.reasons, "which of several policies applies to this recipient is not read")
    return truth
