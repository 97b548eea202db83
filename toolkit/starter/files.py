"""Renders the files that `toolkit init` writes: the school file, and a playbook for each starter pack."""

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
from toolkit.render.yaml_text import format_yaml, indent_yaml, yaml_comment_lines
from toolkit.sdk.directory import EVERYONE
from toolkit.starter.answers import NUMBERS, SUBDIVISIONS, SchoolAnswers
from toolkit.starter.term_dates import FirstTerm, TermDates
from toolkit.values import Json

_LONGEST_SHORT_NAME = 20
_ID = {"microsoft365": "tenant_id", "google_workspace": "customer_id"}


class StarterPack(BaseModel):
    """A ready-made playbook for new schools: its controls, and the text files that the controls use."""

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
    """Raise UsageError for an unknown pack, or for a pack that needs a contact that no option gives."""
    for name in chosen:
        if name not in packs():
            raise UsageError(
                f"--pack {name}: unknown pack. The packs are {', '.join(packs())}{did_you_mean(name, packs())}"
            )
        numbers = [number.name for number in NUMBERS if f"${number.name}" in str(packs()[name])]
        if missing := [f"--{number}" for number in numbers if not texts.get(number)]:
            raise UsageError(f"--pack {name} needs {' and '.join(missing)}, because its automatic reply names them")


def starter_files(answers: SchoolAnswers, chosen: Sequence[str]) -> Mapping[str, str]:
    """Return the text of every starter file, by its path in the playbooks folder."""
    return {"00-school.yaml": school_file(answers), **pack_files(answers, chosen, {})}


def pack_files(answers: SchoolAnswers, chosen: Sequence[str], there: Mapping[str, str]) -> Mapping[str, str]:
    """Return the text of the starter packs' files, by their paths in the playbooks folder.

    Leaves out controls that the school already has. `there` maps each of these controls to its file.
    """
    written: dict[str, str] = {}
    for name in chosen:
        pack = packs()[name]
        written[f"{name}.yaml"] = _render_playbook(name, pack, answers, there)
        there = {**{control: f"is in {name}.yaml" for entry in pack.controls for control in entry}, **there}
        written |= {path: _fill_placeholders(text, answers) for path, text in pack.files.items()}
    return written


def unratified_page(text: str, school: str) -> str:
    """Return the text of the policy page for a new school, which is marked as not adopted yet."""
    own = format_yaml({"title": f"Staff ICT policy of {school}"}).strip()
    head = "\n".join(
        [
            *yaml_comment_lines(
                "UNRATIFIED until the governors adopt it. Until then `toolkit policy` and every page of a report "
                "state this. Read each clause with them, and change, delete or add clauses. Then write the date after "
                "`ratified:`."
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
    return "".join(f"{line.rstrip()}\n" for part in _school_blocks(answers) for line in part)


def short_name(name: str) -> str:
    """Return the initials of a school, which an admin types to confirm a change: EPS for Example Primary School."""
    return "".join(word[0] for word in name.split() if word[:1].isalpha()).upper()[:_LONGEST_SHORT_NAME] or name[:1]


def _school_blocks(answers: SchoolAnswers) -> Iterator[Sequence[str]]:
    yield [
        *yaml_comment_lines(
            "The school that these playbooks are for. Every run first checks that the tenants belong to it."
        )
    ]
    yield _yaml_block(
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
    yield _yaml_block(
        {
            "tenants": {
                provider: {_ID[provider]: identifier, "domain": answers.domains[0]}
                for provider, identifier in answers.tenants.items()
            }
        }
    )
    yield [
        *yaml_comment_lines("check: report only. Turn on one control at a time with `mode: enforce` (set and report).")
    ]
    yield _yaml_block({"mode": "check"})
    yield [
        *yaml_comment_lines(
            "Each role, by the school's own name for it, with its group or its organisational unit in Google (/...)."
        )
    ]
    yield (
        _yaml_block({"roles": _roles_by_cloud(answers)})
        if answers.groups
        else [
            *yaml_comment_lines(
                f"roles: {{staff: {{microsoft365: all-staff@{answers.domains[0]}, google_workspace: /Staff}}}}"
            )
        ]
    )
    yield from _question_blocks(answers)
    yield from _calendar_blocks(answers.terms or TermDates(), SUBDIVISIONS[answers.nation])


def _question_blocks(answers: SchoolAnswers) -> Iterator[Sequence[str]]:
    yield [*yaml_comment_lines("No rule may delay mail of these accounts and mailboxes, and no run changes them.")]
    never = list(answers.never_touch)
    if never:
        yield _protected_block(never)
    elif answers.proposed:
        yield [
            *yaml_comment_lines(
                "Suggestions from the tenants, which no one has confirmed. For each correct address, remove the #:"
            )
        ]
        yield [line for proposal in answers.proposed for line in yaml_comment_lines(f"  {proposal}")]
        yield [f"# {line}" for line in _protected_block([proposal.address for proposal in answers.proposed])]
    else:
        own = f"{{accounts: [breakglass@{answers.domains[0]}], mailboxes: [safeguarding@...]}}"
        yield [*yaml_comment_lines(f"protected: {own}")]
    said: dict[str, Json] = {
        "run_by": answers.run_by,
        "supported_by": answers.supported_by,
        "approvers": list(answers.approved_by),
        "other_systems": list(answers.other_systems),
    }
    yield _yaml_block({name: answer for name, answer in said.items() if answer})
    if answers.open_keys:
        yield [
            *yaml_comment_lines(
                "These questions are not answered yet. Write each answer above, and delete its name here. Until then "
                "nothing is written to a real tenant."
            )
        ]
        yield _yaml_block({"unanswered": list(answers.open_keys)})


def _protected_block(addresses: Sequence[str]) -> Sequence[str]:
    return _yaml_block({"protected": {"accounts": list(addresses), "mailboxes": list(addresses)}})


def _roles_by_cloud(answers: SchoolAnswers) -> Json:
    """Return the group or unit of each role on each cloud. Only Google has units, while both clouds have groups."""
    roles: dict[str, Json] = {}
    for role, places in answers.groups.items():
        unit = next((place for place in places if place.startswith("/")), "")
        group = next((place for place in places if not place.startswith("/")), "")
        on = {provider: unit if provider == "google_workspace" and unit else group for provider in answers.tenants}
        roles[role] = {provider: place for provider, place in on.items() if place}
    return roles


def _calendar_blocks(dates: TermDates, subdivision: str) -> Iterator[Sequence[str]]:
    if not dates.terms:
        yield [
            *yaml_comment_lines(
                "calendar: term dates are needed for absences and for automatic replies while the school is closed."
            )
        ]
        return
    if dates.source:
        yield [*yaml_comment_lines(f"Read from {dates.source}. Compare these dates with the school's own calendar.")]
    calendar: dict[str, Any] = {"terms": [_term_values(term) for term in dates.terms]}
    if dates.inset_days:
        calendar["inset_days"] = list(dates.inset_days)
    yield _yaml_block({"calendar": {**calendar, "bank_holidays": {"country": "GB", "subdivision": subdivision}}})


def _term_values(term: FirstTerm) -> Json:
    written: dict[str, Any] = {"name": term.name, "from": term.first, "to": term.last}
    if term.half_terms:
        written["half_terms"] = [{"from": first, "to": last} for first, last in term.half_terms]
    return written


def _yaml_block(value: Json) -> Sequence[str]:
    return format_yaml(value).splitlines() if value else []


def _render_playbook(name: str, pack: StarterPack, answers: SchoolAnswers, there: Mapping[str, str]) -> str:
    """Return the playbook of a starter pack. A comment names each control that is left out, with the reason."""
    lines = [
        *yaml_comment_lines(_fill_placeholders(pack.about, answers)),
        *format_yaml(
            {"playbook": name, "title": _fill_placeholders(pack.title, answers), "mode": "check"}
        ).splitlines(),
    ]
    kept: list[dict[str, dict[str, Any]]] = []
    for entry in pack.controls:
        (control, settings), *_ = entry.items()
        audience = settings.get("for", EVERYONE)
        if control in there:
            lines += yaml_comment_lines(f"{control} {there[control]}.")
        elif audience not in {EVERYONE, *answers.groups}:
            lines.append(f"# {control} needs the role {audience} in the school file.")
        else:
            kept.append(entry)
    if kept:
        lines += ["controls:", *indent_yaml(_fill_placeholders(format_yaml(kept), answers)).splitlines()]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _fill_placeholders(text: str, answers: SchoolAnswers) -> str:
    """Replace the placeholders in a pack's text with the school's values."""
    own = {
        "school": answers.name,
        "domain": answers.domains[0],
        "emergency": answers.emergency,
        "safeguarding": answers.safeguarding,
    }
    return Template(text).substitute(own)
