"""What people did, as far as controls act on it; read after the directory and before a plan."""

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
    """A person is away; why is no one's business here."""

    person: str  # the immutable id
    begins: datetime
    ends: datetime
    source: str  # the calendar, or the file it was read from


@dataclass(frozen=True, slots=True)
class Diaries:
    """What the calendars of some people say of some days; each of them is in `unknown`, or is known.

    The absences reach as far as the calendar says, also beyond the days that were asked about.
    """

    absences: tuple[Absence, ...] = ()
    keep: AbstractSet[str] = frozenset()  # ids of those in whose calendar anything stands in these days
    unknown: Mapping[str, str] = field(default_factory=dict)  # a person's id -> reason


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file with a message."""

    name: str
    media: str  # text/html and the like
    content: bytes


@checked_dataclass(frozen=True, slots=True)
class Message:
    """One message to one person, in printable plain text, and the files with it."""

    sender: str  # the address of the one mailbox that toolkit may send from
    to: Person
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        """Escape what a terminal or a mail program obeys: names and words of a tenant may hold it."""
        object.__setattr__(self, "to", replace(self.to, name=printable(self.to.name)))
        object.__setattr__(self, "subject", printable(self.subject))
        object.__setattr__(self, "text", printable_lines(self.text))


@dataclass(frozen=True, slots=True)
class Base:
    """On how much an answer rests: 12 absences seen; 31 of 46 people keep a calendar."""

    absences: int = 0  # after merging
    people: int = 0  # in scope
    keep_calendar: int = 0  # of them
    strangers: int = 0  # lines of a file that name no one in the directory
    others: int = 0  # lines that name someone in the directory whom the control is not for
    without_mailbox: int = 0  # people who are not in `people`, since they have no mailbox

    def __str__(self) -> str:
        kept = f"{self.keep_calendar} of {_counted(self.people, 'person keeps', 'people keep')} a calendar"
        lines = _counted(self.strangers, "line names", "lines name")
        others = _counted(self.others, "line names", "lines name")
        return "; ".join(
            [
                f"{_counted(self.absences, 'absence', 'absences')} seen",
                kept,
                *(
                    [_counted(self.without_mailbox, "more has", "more have") + " no mailbox"]
                    * bool(self.without_mailbox)
                ),
                *([f"{lines} no one in the directory"] if self.strangers else []),
                *([f"{others} someone whom this is not for"] if self.others else []),
            ]
        )


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


class ReplyStatus(StrEnum):
    """What an automatic reply is set to."""

    OFF = "off"
    ALWAYS = "always"
    SCHEDULED = "scheduled"


@dataclass(frozen=True, slots=True)
class Reply:
    """A mailbox's automatic reply; a scheduled one without an end goes on until a person ends it."""

    status: ReplyStatus = ReplyStatus.OFF
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A reply that an absence or a holiday asks for, and how far there is one."""

    person: Person
    begins: datetime
    ends: datetime
    back: HalfDay  # the first working half day after it
    covered: bool  # there is a reply for all that is to come of it
    own: Reply | None = None  # the owner's, with words of their own, which no one may change
    ours: bool = False  # what answers is what toolkit set
    declined: bool = False  # its owner turned off what toolkit had set for now
    title: str = ""  # what a holiday is called
    pupils_back: date | None = None  # after a holiday, the first day on which pupils come


@dataclass(frozen=True, slots=True)
class Signals:
    """What was seen for one control; `unknown` says of whom nothing could be seen, and why."""

    due: tuple[Due, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)  # a person's id -> reason
    base: Base = field(default_factory=Base)
    left_out: int = 0  # accounts in scope that are nobody whose absence counts
    absent: frozenset[str] | None = None  # mailboxes of the playbook that this cloud lacks; None: not known
    sender: bool = False  # the mailbox that reminders are sent from is in this tenant

    @property
    def lacking(self) -> tuple[Due, ...]:
        """Give those for whom there is no reply, or none to the end."""
        return tuple(one for one in self.due if not one.covered)
