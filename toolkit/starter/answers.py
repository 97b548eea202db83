"""The questions of `toolkit init`, and the parsers of their answers."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, cast

from toolkit.errors import UsageError
from toolkit.sdk.providers import EMULATED

if TYPE_CHECKING:
    from toolkit.starter.never_touch import Proposal
    from toolkit.starter.term_dates import TermDates

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
CUSTOMER = re.compile(r"C[0-9a-z]{5,}")
_EMULATED = {
    EMULATED: ("microsoft365", "google_workspace"),
    f"{EMULATED} microsoft365": ("microsoft365",),
    f"{EMULATED} google_workspace": ("google_workspace",),
}
LATER = "-"
NEVER_TOUCH = "never_touch"
PHASES = ("nursery", "primary", "secondary", "all-through", "special", "college")
SUBDIVISIONS = {"England": "ENG", "Scotland": "SCT", "Wales": "WLS", "Northern Ireland": "NIR"}
ROLE = re.compile(r"[a-z][a-z0-9_]*")


class SchoolAnswers(NamedTuple):
    """The answers about a school. The answer to a question that was left open is empty."""

    name: str
    phase: str
    nation: str
    tenants: Mapping[str, str]
    domains: Sequence[str]
    groups: Mapping[str, Sequence[str]] = MappingProxyType({})
    never_touch: Sequence[str] = ()
    run_by: str = ""
    approved_by: Sequence[str] = ()
    supported_by: str = ""
    other_systems: Sequence[str] = ()
    terms: "TermDates | None" = None
    emergency: str = ""
    safeguarding: str = ""
    proposed: "Sequence[Proposal]" = ()  # accounts that may need protection but have not been confirmed

    @property
    def open_keys(self) -> Sequence[str]:
        """Return the keys of the school file that must still be answered before a live tenant can be changed."""
        answers = {"protected": self.never_touch, "run_by": self.run_by, "other_systems": self.other_systems}
        return [name for name, answer in answers.items() if not answer]


class Question(NamedTuple):
    """A question of `toolkit init`, with its text and the parser of its answer."""

    name: str
    text: str
    read: Callable[[str], object]
    default: str | None = ""  # None if an answer is required

    @property
    def help(self) -> str:
        return self.text if self.text.endswith(".") else f"{self.text}."

    @property
    def topic(self) -> str:
        """Return the text of the question without examples and choices."""
        return re.split(r"[.:(]| as ", self.text)[0].strip(" ,")

    @property
    def option(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    def answer(self, text: str) -> object:
        """Parse an answer. `-` leaves the question open.

        Raise UsageError with the name of the option for an invalid answer.
        """
        try:
            written = _check_printable(text).strip()
            return self.read("" if written == LATER else written)
        except ValueError as wrong:
            raise UsageError(f"{self.option}: {wrong}") from wrong


def _check_printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it has a character that cannot be printed")
    return text


def _parse_line(text: str) -> str:
    if not text:
        raise ValueError("an answer is needed")
    return _parse_optional_line(text)


def _parse_optional_line(text: str) -> str:
    return " ".join(text.split())


def _parse_list(text: str) -> Sequence[str]:
    return [" ".join(entry.split()) for entry in re.split("[,;]", text) if entry.strip()]


def _parse_approvers(text: str) -> Sequence[str]:
    from toolkit.playbook.playbook_schema import (
        check_role_or_person,
    )  # not needed for the help of `init`

    return [check_role_or_person(entry) for entry in _parse_list(text)]


def _parse_runner(text: str) -> str:
    from toolkit.playbook.playbook_schema import check_role_or_person

    return check_role_or_person(_parse_optional_line(text)) if text else ""


def _parse_phase(text: str) -> str:
    if text.casefold() not in PHASES:
        raise ValueError(f"{text!r} is not one of {', '.join(PHASES)}")
    return text.casefold()


def _parse_nation(text: str) -> str:
    nations = {nation.casefold(): nation for nation in SUBDIVISIONS}
    if text.casefold() not in nations:
        raise ValueError(f"{text!r} is not one of {', '.join(SUBDIVISIONS)}")
    return nations[text.casefold()]


def _parse_tenants(text: str) -> Mapping[str, str]:
    """Parse tenant ids into an id for each cloud. `emulated` means practice tenants."""
    if text.casefold() in _EMULATED:
        return dict.fromkeys(_EMULATED[text.casefold()], EMULATED)
    tenants: dict[str, str] = {}
    for entry in _parse_list(text):
        provider = "microsoft365" if GUID.fullmatch(entry) else "google_workspace" if CUSTOMER.fullmatch(entry) else ""
        if not provider:
            raise ValueError(
                f"{entry!r} is neither a Microsoft tenant id such as 0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11 nor a "
                "Google customer id such as C03az79cb. Microsoft's is in entra.microsoft.com > Entra ID > Overview, "
                "Google's in admin.google.com > Account > Account settings > Profile. To practise on this computer, "
                "write `emulated`"
            )
        identifier = entry.lower() if provider == "microsoft365" else entry
        if tenants.setdefault(provider, identifier) != identifier:
            raise ValueError(
                f"{entry!r} is a second tenant of the same cloud. Write at most one tenant for each cloud, and "
                "only tenants of this school"
            )
    if not tenants:
        raise ValueError(f"an answer is needed. Write an id, or {EMULATED} to practise")
    return tenants


def _parse_domains(text: str) -> Sequence[str]:
    domains = [domain.casefold() for domain in _parse_list(text)]
    wrong = [domain for domain in domains if not re.fullmatch(r"([a-z0-9-]+\.)+[a-z0-9-]+", domain)]
    if wrong or not domains:
        raise ValueError(
            f"{wrong[0]!r} is not a domain such as example-primary.example" if wrong else "an answer is needed"
        )
    return domains


def _parse_groups(text: str) -> Mapping[str, Sequence[str]]:
    """Parse roles such as `staff=all-staff@school.example, staff=/Staff`.

    A value is a group's address or a Google unit.
    """
    groups: dict[str, list[str]] = {}
    for entry in _parse_list(text):
        role, equals, place = (part.strip() for part in entry.partition("="))
        if not equals or not ROLE.fullmatch(role) or not ("@" in place or place.startswith("/")):
            raise ValueError(
                f"{entry!r} is not a role with a group's address or a Google unit. Write it as "
                "staff=all-staff@example-primary.example or staff=/Staff"
            )
        places = groups.setdefault(role, [])
        if any(other.startswith("/") is place.startswith("/") for other in places):
            raise ValueError(f"{role} has both {places[0]} and {place}. Write only one group and, for Google, one unit")
        places.append(place)
    return groups


def _parse_addresses(text: str) -> Sequence[str]:
    addresses = _parse_list(text)
    if wrong := [address for address in addresses if not re.fullmatch(r"[^@\s]+@[^@\s]+", address)]:
        raise ValueError(f"{wrong[0]!r} is not an e-mail address")
    return addresses


def _parse_terms(text: str) -> "TermDates":
    """Parse typed terms, or read the .ics file at a path."""
    from toolkit.starter.term_dates import (
        read_calendar,
        typed_terms,
    )  # not needed for the help of `init`

    if text.casefold().endswith(".ics"):
        return read_calendar(Path(text).expanduser(), datetime.now(UTC).date())
    return typed_terms(_parse_list(text))


QUESTIONS = (
    Question("name", "The school's name", _parse_line, None),
    Question("phase", f"Phase ({', '.join(PHASES)})", _parse_phase, "primary"),
    Question("nation", f"Nation ({', '.join(SUBDIVISIONS)})", _parse_nation, "England"),
    Question(
        "tenants",
        "Microsoft tenant id (entra.microsoft.com > Entra ID > Overview > Tenant ID), Google customer id "
        "(admin.google.com > Account > Account settings > Profile > Customer ID) or both, with a comma between. To "
        "practise, write emulated, or for one cloud emulated microsoft365 or emulated google_workspace",
        _parse_tenants,
        None,
    ),
    Question("domains", "E-mail domains, the main one first", _parse_domains, None),
    Question(
        "groups",
        "Groups or Google units of staff, pupils, leaders, governors, supply (write staff=all-staff@..., staff=/Staff)",
        _parse_groups,
    ),
    Question(
        NEVER_TOUCH,
        "Addresses that toolkit must never change: emergency accounts, the safeguarding mailbox",
        _parse_addresses,
    ),
    Question("run_by", "Who runs the tenants: the school, the trust, the LA, a managed provider", _parse_runner),
    Question("approved_by", "Roles that may approve a change", _parse_approvers, "Head Teacher"),
    Question("supported_by", "Who supports IT, with a way to reach them", _parse_optional_line),
    Question(
        "other_systems",
        "Other systems that change settings or send mail as the school: MIS, web filter, LA baseline",
        _parse_list,
    ),
    Question(
        "terms", "Term dates: an .ics file, or Autumn term 2026-09-03 to 2026-12-18, Spring term ...", _parse_terms
    ),
)


NUMBERS = (
    Question("emergency", "The number to call in an emergency while the school is closed", _parse_optional_line),
    Question("safeguarding", "The contact for a worry about a child while the school is closed", _parse_optional_line),
)
"""Questions that only some packs need. They are never asked in a terminal, only answered by their options."""


def tenants_and_domain(texts: Mapping[str, str | None]) -> tuple[Mapping[str, str], str]:
    """Return the school's tenant ids by cloud, and its main domain.

    Raise UsageError if an answer is invalid or missing.
    """
    read = {
        question.name: question.answer(texts[question.name] or "")
        for question in QUESTIONS
        if question.name in ("tenants", "domains")
    }
    return cast("Mapping[str, str]", read["tenants"]), cast("Sequence[str]", read["domains"])[0]


def suggested_groups(texts: Mapping[str, str]) -> str:
    """Return the groups and units of emulated tenants as a suggested answer, or "" for real tenants."""
    tenants, domain = tenants_and_domain(texts)
    if EMULATED not in tenants.values():
        return ""
    groups = {"staff": "all-staff", "pupils": "all-pupils", "leaders": "leadership"}
    units = ["staff=/Staff", "pupils=/Pupils"] if "google_workspace" in tenants else []
    return ", ".join([*(f"{role}={group}@{domain}" for role, group in groups.items()), *units])


def read_answers(texts: Mapping[str, str]) -> SchoolAnswers:
    """Parse all answers. Raise UsageError for the first invalid or missing answer."""
    questions = (*QUESTIONS, *NUMBERS)
    read = {question.name: question.answer(texts.get(question.name, question.default or "")) for question in questions}
    return SchoolAnswers(**read)  # type: ignore[arg-type]  # each reader gives its field's type
