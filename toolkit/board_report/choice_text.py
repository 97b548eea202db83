"""Describe the school's choices in words that governors know."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from toolkit.sdk.dates import day
from toolkit.values import Json

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = {
    "incidental_labelled": "now and then, with a label",
    "serious_only": "only in serious matters",
    "allow_groups": "open for some groups",
    "google_chat": "Google Chat",
    "teams": "Teams",
    "allowlist": "closed, but for the sites named",
    "min_length": "characters at least",
    "mfa_required": "second factor",
    "policy_literal": "as the policy says, word for word",
    "strength_equivalent": "of equal strength",
    "signout_minutes": "minutes until sign-out",
    "lock_minutes": "minutes until the screen locks",
    "lock_counts_as_logoff": "a locked screen is as good as logging off",
    "metadata_only": "who, when and how much, without the content",
    "retention_label": "in the mailbox, under a retention rule",
    "app_protection_only": "only inside protected apps",
    "delegated_only": "by delegation, never with another person's password",
    "disclosure_with_approval": "with another person's password, if that was allowed",
    "report_then_quarantine": "reported, and then kept apart",
    "notify_without_content": "the sender is notified, without the content",
    "head_informed": "the Head knows",
    "conflicted_head": "if it is about the Head",
    "schedule_ref": "by",
    "signed_by_role": "signed by",
    "file_sha256": "checksum of the file",
}
"""Plain words for values of the files. Other values are shown without underscores."""


def choice_text(value: Json) -> str:
    """Return a chosen value in words. A table or list of values is described too."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str() if _DAY.fullmatch(value):
            return day(date.fromisoformat(value))
        case Mapping():
            return "; ".join(
                f"{_choice_word(key)}: {choice_text(entry)}" for key, entry in value.items() if entry is not None
            )
        case str():
            return _choice_word(value)
        case Sequence():
            return ", ".join(choice_text(entry) for entry in value)
        case _:
            return str(value)


def _choice_word(text: str) -> str:
    return _WORDS.get(text, text.replace("_", " ") if re.fullmatch(r"[a-z_]+", text) else text)
