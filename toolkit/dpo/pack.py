"""The documents of a data protection pack as Markdown and HTML, and the picture of the data flow."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from toolkit.board_report.template_filters import PHRASES
from toolkit.dpo.facts import DpoFacts, facts_of
from toolkit.errors import UsageError
from toolkit.installed import DISTRIBUTION
from toolkit.playbook.entries import Playbooks
from toolkit.render.import_yaml import write_new

if TYPE_CHECKING:
    from jinja2 import Environment

DOCUMENTS = ("dpia", "permissions", "ropa", "staff-notice", "our-data")
_FLOW = "data-flow.svg"
_BLANK = ".................... (for the school to fill in)"
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_BOX, _GAP, _TOP = 92, 20, 10
_LINE, _LINES = 38, 3  # characters in a line of a box, and lines

_RISKS = (
    "a wrong playbook changes something for many people at once",
    "the ledger on a lost computer shows names of people who changed settings, and automatic replies",
    "staff feel watched, as absences and sign-in methods can be seen",
)
_MEASURES = (
    "One identity reads and one writes; the guard of the first refuses every write before it is sent",
    "Permissions are the least that the playbooks in use need; none of them opens mail or files by itself",
    "Each plan is shown and confirmed; limits on changes, deletions and reach stop a run",
    "Every change is in the ledger before and after it is made, and an edit of the ledger is found",
    "`toolkit rollback` takes back one run, and `toolkit withdraw` everything",
    "Reports for governors name roles, not people; the register of holds is encrypted",
    "`toolkit forget` removes names that are older than a date; the state folder is its owner's alone",
)


@dataclass(frozen=True, slots=True)
class FlowBox:
    """A box in the picture of the data flow, with the lines below its name."""

    name: str
    lines: tuple[str, ...]
    both: bool = False  # data flows both ways
    y: int = 0


def write_dpo_pack(playbooks: Playbooks, directory: Path, *, force: bool) -> Sequence[Path]:
    """Write the pack, and return its files; UsageError where one is there already, unless `force` replaces it."""
    files = dpo_files(facts_of(playbooks))
    if force:
        for name in files:
            (directory / name).unlink(missing_ok=True)
    return write_new(files, directory)


def dpo_files(facts: DpoFacts) -> Mapping[str, str]:
    """Return each file of the pack by its name; the same facts give the same bytes."""
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    values |= {
        "data": facts.data,
        "of_identity": facts.of_identity(),
        "blank": _BLANK,
        "risks": [*dict.fromkeys(f"a stolen key: {one.stolen}" for one in facts.permissions), *_RISKS],
        "measures": _MEASURES,
    }
    return {_FLOW: _picture(facts), **dict(_documents(values))}


def _documents(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    written, pages = _environment(_as_markdown), _environment(None)
    for name in DOCUMENTS:
        text = re.sub(r"\n{3,}", "\n\n", written.get_template(f"{name}.md.j2").render(values)).strip() + "\n"
        html = str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))
        html = html.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")
        title = text.partition("\n")[0].lstrip("# ")
        yield f"{name}.md", text
        yield f"{name}.html", pages.get_template("pack.html.j2").render(title=title, body=Markup(html)) + "\n"  # noqa: S704 - without HTML of others


def _as_markdown(value: object) -> object:
    """Keep words of playbooks from being read as marks."""
    from markupsafe import Markup

    if not isinstance(value, str):
        return value
    return Markup(value if value in _MEASURES else _MARKS.sub(r"\\\1", value))  # noqa: S704 - it is Markdown


def _environment(finalize: Any) -> "Environment":
    try:
        from jinja2 import Environment, PackageLoader
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed: install toolkit with `pip install '{DISTRIBUTION}[reports]'`"
        ) from error
    environment = Environment(
        loader=PackageLoader("toolkit.dpo", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
    environment.filters["sentence"] = PHRASES["sentence"]
    return environment


def _picture(facts: DpoFacts) -> str:
    """Draw who gives what to toolkit, and where it goes."""
    sources = [
        FlowBox(cloud, tuple(_wrapped(_shown(facts, cloud))), both=_writes(facts, cloud)) for cloud in facts.clouds
    ]
    sources.append(FlowBox("Playbooks", ("the school's rules, in git or a folder",)))
    if facts.absences:
        sources.append(FlowBox("List of absences", ("a file of the school, without reasons",)))
    sinks = [
        FlowBox("Ledger", ("what was changed, when, by what", "in the state folder")),
        FlowBox("Reports", ("for governors: numbers and roles",)),
    ]
    if facts.holds:
        sinks.append(FlowBox("Register of holds", ("encrypted, beside the playbooks",)))
    if facts.channels:
        sinks.append(FlowBox("Notices", tuple(_wrapped(", ".join(facts.channels)))))
    rows = max(len(sources), len(sinks))
    height = 2 * _TOP + rows * (_BOX + _GAP) - _GAP
    values = {"height": height, "middle": height // 2, "sources": _placed(sources, rows), "sinks": _placed(sinks, rows)}
    return _environment(None).get_template(f"{_FLOW}.j2").render(values) + "\n"


def _shown(facts: DpoFacts, cloud: str) -> str:
    return "; ".join(sorted({one.data for one in facts.permissions if one.data and one.cloud == cloud}))


def _writes(facts: DpoFacts, cloud: str) -> bool:
    return any(one.writes for one in facts.permissions if one.cloud == cloud)


def _wrapped(text: str) -> list[str]:
    lines = wrap(text, _LINE)
    return lines if len(lines) <= _LINES else [*lines[: _LINES - 1], "and more, see the permissions page"]


def _placed(boxes: Sequence[FlowBox], rows: int) -> list[FlowBox]:
    first = _TOP + (rows - len(boxes)) * (_BOX + _GAP) // 2
    return [FlowBox(one.name, one.lines, one.both, first + n * (_BOX + _GAP)) for n, one in enumerate(boxes)]
