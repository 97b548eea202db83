"""The files that `toolkit init` writes: a school file and one playbook for each starter pack."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from toolkit.errors import UsageError
from toolkit.messages import did_you_mean
from toolkit.playbook.file_format import FORMAT
from toolkit.playbook.school_id import new_school_id
from toolkit.render.yaml_text import comment, dumped, indented
from toolkit.sdk.directory import EVERYONE
from toolkit.starter.answers import NUMBERS, SUBDIVISIONS, SchoolAnswers
from toolkit.starter.term_dates import FirstTerm, TermDates
from toolkit.values import Json

_LONGEST_SHORT_NAME = 20
_ID = {"microsoft365": "tenant_id", "google_workspace": "customer_id"}


class StarterPack(BaseModel):
    """A first playbook: its controls, and the text files that they name."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: str
    about: str
    controls: list[dict[str, dict[str, Any]]]
    files: dict[str, str] = {}


@cache
def packs() -> Mapping[str, StarterPack]:
    """Return the starter packs by name."""
    text = (files("toolkit.starter") / "packs.yaml").read_text(encoding="utf-8")
    rows: dict[str, object] = YAML(typ="safe", pure=True).load(text)
    return {name: StarterPack.model_validate(pack) for name, pack in rows.items()}


def check_packs(chosen: Sequence[str], texts: Mapping[str, str | None]) -> None:
    """Raise UsageError for a pack that does not exist, or that needs a number without an option."""
    for name in chosen:
        if name not in packs():
            raise UsageError(f"--pack {name}: there is {', '.join(packs())}{did_you_mean(name, packs())}")
        numbers = [number.name for number in NUMBERS if f"${number.name}" in str(packs()[name])]
        if missing := [f"--{number}" for number in numbers if not texts.get(number)]:
            raise UsageError(f"--pack {name} needs {' and '.join(missing)}: its reply names them")


def starter_files(answers: SchoolAnswers, chosen: Sequence[str]) -> Mapping[str, str]:
    """Return the text of every file, by its path in the playbooks folder."""
    return {"00-school.yaml": school_file(answers), **pack_files(answers, chosen, {})}


def pack_files(answers: SchoolAnswers, chosen: Sequence[str], there: Mapping[str, str]) -> Mapping[str, str]:
    """Return the text of every file of starter packs, by its path in the playbooks folder.

    `there` has the place of each control that the school already has. A control is written in only one file: its
    present file, or the first pack with it.
    """
    written: dict[str, str] = {}
    for name in chosen:
        pack = packs()[name]
        written[f"{name}.yaml"] = _playbook(name, pack, answers, there)
        there = {**{control: f"is in {name}.yaml" for entry in pack.controls for control in entry}, **there}
        written |= {path: _fill(text, answers) for path, text in pack.files.items()}
    return written


def unratified_page(text: str, school: str) -> str:
    """Return the policy's own page for a new school, without a date of adoption."""
    own = dumped({"title": f"Staff ICT policy of {school}"}).strip()
    head = "\n".join(
        [
            *comment(
                "UNRATIFIED until the governors have adopted it: `toolkit policy` and every page of a report say so. "
                "Read each clause with them; change, delete and add. Then write the date behind `ratified:`."
            ),
            "document:",
            f"  {own}",
            "  ratified:",
            "  review_due:",
            "",
        ]
    )
    before, _, rest = text.partition("# What the front page")
    return f"{before}{head}\n{rest[rest.index('clauses:') :]}"


def school_file(answers: SchoolAnswers) -> str:
    """Return the school file, with a comment for each answer that is still missing."""
    return "".join(f"{line.rstrip()}\n" for part in _school(answers) for line in part)


def short_name(name: str) -> str:
    """Return the initials of a school, which confirm a change: EPS for Example Primary School."""
    return "".join(word[0] for word in name.split() if word[:1].isalpha()).upper()[:_LONGEST_SHORT_NAME] or name[:1]


def _school(answers: SchoolAnswers) -> Iterator[Sequence[str]]:
    yield [*comment("The school that these playbooks are for. Every run compares the tenants with this first.")]
    yield _block(
        {
            "school": answers.name,
            "format": FORMAT,
            "id": new_school_id(),
            "short_name": short_name(answers.name),
            "phase": answers.phase,
            "nation": answers.nation,
            "domains": list(answers.domains),
            "time_zone": "Europe/London",
        }
    )
    yield _block(
        {
            "tenants": {
                provider: {_ID[provider]: identifier, "domain": answers.domains[0]}
                for provider, identifier in answers.tenants.items()
            }
        }
    )
    yield [*comment("check: compare and report, write nothing. Turn on one control at a time with `mode: enforce`.")]
    yield _block({"mode": "check"})
    yield [*comment("A role in the school's words, and its group, or its organisational unit in Google (/...).")]
    yield (
        _block({"roles": _roles(answers)})
        if answers.groups
        else [*comment(f"roles: {{staff: {{microsoft365: all-staff@{answers.domains[0]}, google_workspace: /Staff}}}}")]
    )
    yield from _question_blocks(answers)
    yield from _calendar(answers.terms or TermDates(), SUBDIVISIONS[answers.nation])


def _question_blocks(answers: SchoolAnswers) -> Iterator[Sequence[str]]:
    yield [*comment("No rule may hold up the mail of these, and no run changes anything of theirs.")]
    never = list(answers.never_touch)
    if never:
        yield _protected(never)
    elif answers.proposed:
        yield [*comment("Read from the tenants, and confirmed by no one. Keep what is right, and take out the #:")]
        yield [line for proposal in answers.proposed for line in comment(f"  {proposal}")]
        yield [f"# {line}" for line in _protected([proposal.address for proposal in answers.proposed])]
    else:
        own = f"{{accounts: [breakglass@{answers.domains[0]}], mailboxes: [safeguarding@...]}}"
        yield [*comment(f"protected: {own}")]
    said: dict[str, Json] = {
        "run_by": answers.run_by,
        "supported_by": answers.supported_by,
        "approvers": list(answers.approved_by),
        "other_systems": list(answers.other_systems),
    }
    yield _block({name: answer for name, answer in said.items() if answer})
    if answers.open_keys:
        yield [
            *comment(
                "Not answered yet: what must never be touched, who runs the tenants, or what else sets things there. "
                "Until the answer is written above and its name is taken out here, nothing is written to a real tenant."
            )
        ]
        yield _block({"unanswered": list(answers.open_keys)})


def _protected(addresses: Sequence[str]) -> Sequence[str]:
    return _block({"protected": {"accounts": list(addresses), "mailboxes": list(addresses)}})


def _roles(answers: SchoolAnswers) -> Json:
    """Return the place of each role on each cloud.

    A unit exists only in Google, a group's address may exist on both.
    """
    roles: dict[str, Json] = {}
    for role, places in answers.groups.items():
        unit = next((place for place in places if place.startswith("/")), "")
        group = next((place for place in places if not place.startswith("/")), "")
        on = {provider: unit if provider == "google_workspace" and unit else group for provider in answers.tenants}
        roles[role] = {provider: place for provider, place in on.items() if place}
    return roles


def _calendar(dates: TermDates, subdivision: str) -> Iterator[Sequence[str]]:
    if not dates.terms:
        yield [*comment("calendar: term dates are needed for absences and for replies while the school is closed.")]
        return
    if dates.source:
        yield [*comment(f"Read from {dates.source}: compare these dates with the school's own calendar.")]
    calendar: dict[str, Any] = {"terms": [_term(term) for term in dates.terms]}
    if dates.inset_days:
        calendar["inset_days"] = list(dates.inset_days)
    yield _block({"calendar": {**calendar, "bank_holidays": {"country": "GB", "subdivision": subdivision}}})


def _term(term: FirstTerm) -> Json:
    written: dict[str, Any] = {"name": term.name, "from": term.first, "to": term.last}
    if term.half_terms:
        written["half_terms"] = [{"from": first, "to": last} for first, last in term.half_terms]
    return written


def _block(value: Json) -> Sequence[str]:
    return dumped(value).splitlines() if value else []


def _playbook(name: str, pack: StarterPack, answers: SchoolAnswers, there: Mapping[str, str]) -> str:
    """Return one pack as a playbook. A comment names each control that is left out, with the reason."""
    lines = [
        *comment(_fill(pack.about, answers)),
        *dumped({"playbook": name, "title": _fill(pack.title, answers), "mode": "check"}).splitlines(),
    ]
    kept: list[dict[str, dict[str, Any]]] = []
    for entry in pack.controls:
        (control, settings), *_ = entry.items()
        audience = settings.get("for", EVERYONE)
        if control in there:
            lines += comment(f"{control} {there[control]}.")
        elif audience not in {EVERYONE, *answers.groups}:
            lines.append(f"# {control} needs the role {audience} in the school file.")
        else:
            kept.append(entry)
    if kept:
        lines += ["controls:", *indented(_fill(dumped(kept), answers)).splitlines()]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _fill(text: str, answers: SchoolAnswers) -> str:
    """Put the school's own into a text."""
    own = {
        "school": answers.name,
        "domain": answers.domains[0],
        "emergency": answers.emergency,
        "safeguarding": answers.safeguarding,
    }
    return Template(text).substitute(own)
