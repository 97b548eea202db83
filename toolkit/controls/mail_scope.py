"""Controls for pupils' e-mail contacts and for watched words, and counts of senders."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from toolkit.controls.control import Control, ControlSettings, Precaution, TextFile, read_day
from toolkit.controls.mail_lists import Address, Addresses
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk import Finding, Measurement, Part, ReasonCode, Status, Things, checked, declare
from toolkit.values import Body

OUTSIDE, OUTSIDE_DAYS = "outside senders of the lists", 90
DIRECT, DIRECT_DAYS = "senders past a connector", 30
_SHOWN = 10  # servers or domains named in a reason (the measurement has all)

_LISTS = ReasonCode(
    "list_senders_traced",
    admin="mail from outside in the last {days} days: {list}",
    governor="messages from outside the school to the large mailing lists in the last {days} days: {count}",
)
_PAST = ReasonCode(
    "direct_senders_traced",
    admin="mail in the school's name that bypassed the connectors in the last {days} days: {list}",
    governor="messages in the school's name from machines or services that did not sign in, in the last {days} "
    "days: {count}",
)


@dataclass(frozen=True, slots=True)
class OutsideMail:
    """The domain or server that sent a message, and whether the message was delivered."""

    place: str  # a sender's domain or a server's IP address, never a person's address
    arrived: bool


class TracedMail(Measurement):
    """Counts of messages by sender: a sending domain for each list, or a sending server under `servers`."""

    messages: Mapping[str, Mapping[str, int]]

    def to_json(self) -> Body:
        """Return the counts as JSON."""
        return self.messages


def outside_mail_part() -> Part:
    """Return the part that counts messages from outside the school to mailing lists."""
    limit = "only domains are named, and messages to a list nested in another list are not counted"
    return _count_part(OUTSIDE, f"messages from outside to the lists in the last {OUTSIDE_DAYS} days", limit)


def direct_mail_part() -> Part:
    """Return the part that counts messages in the school's name that did not come through a connector."""
    limit = "messages through a connector that identifies senders by a certificate are counted too"
    return _count_part(DIRECT, f"mail in the school's name from outside in the last {DIRECT_DAYS} days", limit)


def _count_part(name: str, covers: str, limit: str) -> Part:
    reads = "`toolkit check` counts by message trace, without subjects and without a judgement"
    return checked(name, covers, reads, limit, needed=False)


def list_senders(mail_by_list: Mapping[str, Sequence[OutsideMail]]) -> Finding:
    """Return the finding that counts messages to each list by sending domain. The finding neither passes nor fails."""
    named = "; ".join(f"{address}: {', '.join(_place_texts(mail)) or 'none'}" for address, mail in mail_by_list.items())
    count = Things(sum(len(mail) for mail in mail_by_list.values()))
    measurement = TracedMail(messages={address: _count_by_place(mail) for address, mail in mail_by_list.items()})
    return Finding(
        OUTSIDE, Status.PASS, _LISTS(days=str(OUTSIDE_DAYS), list=named, count=count), measurement=measurement
    )


def direct_mail_finding(mail: Sequence[OutsideMail]) -> Finding:
    """Return the finding that counts messages by sending server. The finding neither passes nor fails."""
    named = ", ".join(_place_texts(mail)) or "none"
    reason = _PAST(days=str(DIRECT_DAYS), list=named, count=Things(len(mail)))
    measurement = TracedMail(messages={"servers": _count_by_place(mail)})
    return Finding(DIRECT, Status.PASS, reason, measurement=measurement)


def _place_texts(mail: Sequence[OutsideMail]) -> Iterator[str]:
    """Yield the domains or servers with the most messages, with their numbers of sent and undelivered messages."""
    sent = Counter(message.place for message in mail)
    lost = Counter(message.place for message in mail if not message.arrived)
    for place, number in sent.most_common(_SHOWN):
        yield f"{place} ({number}{f', {lost[place]} of them not delivered' if lost[place] else ''})"
    if (more := len(sent) - _SHOWN) > 0:
        yield f"and {more} more"


def _count_by_place(mail: Sequence[OutsideMail]) -> Mapping[str, int]:
    return dict(sorted(Counter(message.place for message in mail).items()))


Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]

_AUDIT_DAYS = 14
_LONGEST_LIST = 6000  # bytes of words, because the limit of a whole mail rule is 8 KB
_IT = re.compile(r"\b(it|ict|network|technician|administrator)\b", re.IGNORECASE)


class AuditPeriod(Precaution):
    """The trial period in which rules only recorded the messages that they would have returned."""

    begins: Annotated[date, BeforeValidator(read_day)] = Field(alias="from")
    until: Annotated[date, BeforeValidator(read_day)]

    @property
    def happened_on(self) -> date:
        return self.until


class PupilScope(ControlSettings):
    """The people and services with whom pupils may exchange e-mail: people at the school, and listed outside services.

    Only the school's own domains count as inside. In a tenant that several schools share, the other schools are
    outside.
    """

    outside: list[Domain] = Field(
        description="Outside domains with which pupils may exchange e-mail, such as Classroom, the MIS or exam boards.",
        examples=[["google.com", "examboard.example"]],
    )
    act: Literal["audit", "reject"] = declare(
        "audit: only record the message. reject: return it to the sender.", default="audit"
    )
    audited: AuditPeriod | None = declare(
        "The period of 14 days or more in which the rules only recorded. Required for `act: reject`.",
        {"from": "2026-11-09", "until": "2026-11-23"},
    )
    reason: Annotated[str, Field(min_length=1, max_length=1024)] = declare(
        "The text that the sender of a returned message gets.",
        default="Pupils of this school exchange e-mail with the school only. Please contact the school office.",
    )

    @model_validator(mode="after")
    def _check_audit_period(self) -> Self:
        days = (self.audited.until - self.audited.begins).days if self.audited else 0
        if self.act == "reject" and days < _AUDIT_DAYS:
            raise ValueError(
                f"`act: reject` needs `audited` with {_AUDIT_DAYS} days or more, so that password resets, calendar "
                "invitations and messages from parents are noticed first"
            )
        return self


OF_A_GROUP = "if an exempt address is a group, only mail sent as the group is exempt, so name its members"


class ExemptMailboxes(BaseModel):
    """Mailboxes that are not searched, because disclosures, grievances and advice contain watched words too."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    dsl: Addresses
    union: list[Address]
    hr: list[Address]
    grievance: list[Address]

    @property
    def addresses(self) -> list[str]:
        """Return every address once, in lower case."""
        written = (self.dsl, self.union, self.hr, self.grievance)
        return list(dict.fromkeys(address.lower() for addresses in written for address in addresses))


class LanguageWatch(ControlSettings):
    """Watched words in sent mail, which are counted or reported to one post.

    No message is blocked. Reports for governors never show the words or the results.
    """

    dpia: Annotated[str, Field(min_length=1)] = Field(
        description="The impact assessment (DPIA) that covers the search. Without it the playbook is refused.",
        examples=["DPIA-2026-07"],
    )
    words_file: TextFile = Field(
        description="A file in the folder of the playbook, with a word or phrase on each line.",
        examples=["text/watched-words.txt"],
    )
    reviewer: Address = Field(
        description="The mailbox that gets the reports.", examples=["safeguarding@example-primary.example"]
    )
    reviewer_post: Annotated[str, Field(min_length=1)] = Field(
        description="The post of the person who reads the reports. It must not be an IT post.",
        examples=["Designated Safeguarding Lead"],
    )
    exempt: ExemptMailboxes = Field(
        description="Exempt mailboxes, listed under dsl, union, hr and grievance. Each key is required ([] for "
        "none). Name people, because for a group only mail sent as the group itself would be "
        "exempt.",
        examples=[{"dsl": ["safeguarding@example-primary.example"], "union": [], "hr": [], "grievance": []}],
    )
    act: Literal["count", "report"] = declare(
        "count: messages are counted in the cloud's log. report: the reviewer also gets the sender, recipients and "
        "subject.",
        default="count",
    )

    @property
    def words(self) -> list[str]:
        return list(dict.fromkeys(filter(None, map(str.strip, self.words_file.splitlines()))))

    def exempt_addresses(self, school: School, protected: Sequence[str]) -> list[str]:
        """Return the addresses whose mail is not searched.

        Raise ValueError if an address is the group of a role, because the group's members would not be exempt.
        """
        groups = {group.lower() for role in school.roles.values() for group in role.groups.values()}
        if named := sorted(groups.intersection(self.exempt.addresses)):
            raise ValueError(
                f"`exempt`: {named[0]} is a group, so the mail of its members would still be searched. Name each member"
            )
        return list(dict.fromkeys([*self.exempt.addresses, *map(str.lower, protected), self.reviewer]))

    @model_validator(mode="after")
    def _check_words(self) -> Self:
        if refusal := next(self._find_problems(), ""):
            raise ValueError(refusal)
        return self

    def _find_problems(self) -> Iterator[str]:
        if _IT.search(self.reviewer_post):
            yield f"`reviewer_post`: {self.reviewer_post} is an IT post. Name a post outside IT"
        if not self.words:
            yield "`words_file` has no words"
        if len("\n".join(self.words).encode()) > _LONGEST_LIST:
            yield f"`words_file` is longer than {_LONGEST_LIST:,} bytes, the limit of a mail rule"


CONTROLS = (
    Control(
        name="mail.pupil_scope",
        title="With whom pupils exchange e-mail",
        clauses=("GEN-13",),
        settings=PupilScope,
        of_role="pupils",
        asks=("outside_services",),
    ),
    Control(
        name="mail.language_watch",
        title="Words in e-mail that the school looks for",
        clauses=("EML-23", "GEN-01", "MIS-05"),
        settings=LanguageWatch,
        confidential=True,
        asks=("exempt_mailboxes", "word_reviewer"),
    ),
)
