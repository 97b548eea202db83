"""A message and a recipient that meet a mail rule, and the search for words and patterns in their texts."""

from collections.abc import Callable

from toolkit.records import dataclass
from toolkit.sdk import (
    MailDirectory,
    MailMessage,
    Truth,
    answer,
    any_of,
    cannot_tell,
    contains_word,
    matches_pattern,
    no,
)
from toolkit.values import Settings, Value, entries


@dataclass(frozen=True, slots=True)
class Meeting:
    """A message and a recipient that meet a rule, and the directory to look them up."""

    message: MailMessage
    recipient: str
    directory: MailDirectory
    settings: Settings  # of the rule, with `except_if_` removed for an exception

    @property
    def senders(self) -> tuple[str, ...]:
        """Return the addresses that conditions on the sender compare."""
        envelope = self.message.envelope_sender or self.message.sender
        match self.settings.get("sender_address_location"):
            case "Envelope":
                return (envelope,)
            case "HeaderOrEnvelope":
                return tuple(dict.fromkeys((self.message.sender, envelope)))
            case _:
                return (self.message.sender,)

    @property
    def recipient_address(self) -> str:
        """Return the recipient's address as written or, by default, the primary address."""
        original = self.settings.get("recipient_address_type") == "Original"
        return self.recipient if original else self.directory.primary(self.recipient)

    def sender_is_inside(self) -> Truth:
        """Return whether the sender is in the organisation: at a domain of the tenant, and signed in or verified."""
        message = self.message
        if not self.directory.is_at_school(message.sender):
            return no(f"{message.sender} is outside")
        if message.is_authenticated is None:
            return cannot_tell(f"it is not known whether the sender of {message.sender} signed in")
        return answer(
            message.is_authenticated, f"{message.sender} is inside" if message.is_authenticated else "not signed in"
        )


Decide = Callable[[Meeting, Value], Truth]


def match_words(text: str | None, value: Value, what: str) -> Truth:
    """Return whether a text contains one of the words of a condition. A text that is None is unknown."""
    if text is None:
        return cannot_tell(f"the {what} is not known")
    return any_of(contains_word(text, word) for word in entries(value))


def match_patterns(text: str | None, value: Value, what: str) -> Truth:
    """Return whether a text matches one of the patterns of a condition. A text that is None is unknown."""
    if text is None:
        return cannot_tell(f"the {what} is not known")
    return any_of(matches_pattern(text, pattern, ignores_case=True) for pattern in entries(value))


def is_over(size: int, value: Value) -> Truth:
    """Return whether a size in bytes is larger than the size of a condition."""
    if not isinstance(value, int):
        return cannot_tell(f"toolkit cannot read the size {value}")
    if size == value:
        return cannot_tell("the vendor's pages differ about a size that is exactly the limit")
    return answer(size > value, f"{size} bytes")
