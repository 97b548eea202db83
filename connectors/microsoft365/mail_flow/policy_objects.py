"""The kinds of policies, the direction of a message, and policies next to others."""

from collections.abc import Callable, Sequence

from connectors.microsoft365.mail_flow.meeting import Meeting
from toolkit.sdk import MailFacts, MailMessage, MailObject, Truth, cannot_tell, negate, no

CONNECTION, MALWARE, SAFE_FILES = "connection_filter", "malware_filter_policy", "safe_attachment_policy"
SPAM, LISTS, OUTBOUND = "content_filter_policy", "list_moderation", "outbound_spam_policy"
REMOTE, TAG, RETENTION = "remote_domain", "external_in_outlook", "retention_policy"
ORGANISATION = "exchange_setting"

Matches = Callable[[MailMessage, str], Truth]


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
