"""Facts about people that some controls need, such as absences. They are read between the directory and the plan."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass as checked_dataclass
from dataclasses import field, replace
from datetime import date, datetime
from enum import StrEnum

from toolkit.printable import printable, printable_lines
from toolkit.records import dataclass
from toolkit.school.calendar import HalfDay
from toolkit.sdk.directory import Person


@dataclass(frozen=True, slots=True)
class Absence:
    """A person's absence, without the reason, which is private."""

    person: str  # the immutable id
    begins: datetime
    ends: datetime
    source: str  # the calendar, or the file it was read from


@dataclass(frozen=True, slots=True)
class Diaries:
    """The absences of people, from their calendars.

    People whose calendar could not be read are in `unknown`. An absence may begin before or end after the requested
    days.
    """

    absences: tuple[Absence, ...] = ()
    keep: AbstractSet[str] = frozenset()  # ids of people whose calendar has any entry in these days
    unknown: Mapping[str, str] = field(default_factory=dict)  # a person's id -> reason


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to a message."""

    name: str
    media: str  # text/html and the like
    content: bytes


@checked_dataclass(frozen=True, slots=True)
class Message:
    """A plain-text message to one person, with its attachments."""

    sender: str  # the address of the only mailbox from which toolkit may send
    to: Person
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        """Escape control characters, which names and texts from a tenant may contain."""
        object.__setattr__(self, "to", replace(self.to, name=printable(self.to.name)))
        object.__setattr__(self, "subject", printable(self.subject))
        object.__setattr__(self, "text", printable_lines(self.text))


@dataclass(frozen=True, slots=True)
class Base:
    """The evidence for a result: 12 absences seen, 31 of 46 people keep a calendar."""

    absences: int = 0  # after merging
    people: int = 0  # in scope
    keep_calendar: int = 0  # of them
    unknown_people: int = 0  # lines of a file with a name that is not in the directory
    outside_audience: int = 0  # lines with a person in the directory who is outside the control's audience
    without_mailbox: int = 0  # people without a mailbox, who are not in `people`

    def __str__(self) -> str:
        kept = f"{self.keep_calendar} of {_count_text(self.people, 'person keeps', 'people keep')} a calendar"
        lines = _count_text(self.unknown_people, "line names", "lines name")
        others = _count_text(self.outside_audience, "line names", "lines name")
        return "; ".join(
            [
                f"{_count_text(self.absences, 'absence', 'absences')} seen",
                kept,
                *(
                    [_count_text(self.without_mailbox, "more has", "more have") + " no mailbox"]
                    * bool(self.without_mailbox)
                ),
                *([f"{lines} no one in the directory"] if self.unknown_people else []),
                *([f"{others} someone outside the audience"] if self.outside_audience else []),
            ]
        )


def _count_text(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"


class ReplyStatus(StrEnum):
    """The status of an automatic reply."""

    OFF = "off"
    ALWAYS = "always"
    SCHEDULED = "scheduled"


@dataclass(frozen=True, slots=True)
class Reply:
    """A mailbox's automatic reply. A scheduled reply without an end continues until a person ends it."""

    status: ReplyStatus = ReplyStatus.OFF
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A reply that an absence or a holiday requires, and whether the mailbox has it."""

    person: Person
    begins: datetime
    ends: datetime
    back: HalfDay  # the first working half day after it
    is_covered: bool  # there is a reply for the whole remaining time
    owner_reply: Reply | None = None  # the owner's reply in their own words, which toolkit must not change
    is_from_toolkit: bool = False  # the present reply is toolkit's
    is_declined: bool = False  # the owner turned off toolkit's reply for this period
    title: str = ""  # the name of a holiday
    pupils_back: date | None = None  # after a holiday, the first day on which pupils come


@dataclass(frozen=True, slots=True)
class Signals:
    """The facts about people for one control. `unknown` has the reason for each person who could not be read."""

    due: tuple[Due, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)  # a person's id -> reason
    base: Base = field(default_factory=Base)
    left_out: int = 0  # accounts in scope whose absences do not count
    absent: frozenset[str] | None = None  # mailboxes of the playbook that this cloud lacks; None: not known
    sender: bool = False  # the mailbox that reminders are sent from is in this tenant

    @property
    def missing_replies(self) -> tuple[Due, ...]:
        """Return the required replies that are missing or end too early."""
        return tuple(due for due in self.due if not due.is_covered)
