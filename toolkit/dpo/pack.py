"""Renders a data protection pack as Markdown and HTML, with a diagram of the data flow."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from toolkit.board_report.template_filters import PHRASES
from toolkit.dpo.facts import DpoFacts, facts_of
from toolkit.installed import require
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.render.import_yaml import write_new_files
from toolkit.sdk.connector import Identity

if TYPE_CHECKING:
    from jinja2 import Environment

DOCUMENTS = ("dpia", "permissions", "ropa", "staff-notice", "our-data")
_FLOW = "data-flow.svg"
_BLANK = ".................... (for the school to fill in)"
_CELL = ".......... (to fill in)"
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_BOX, _GAP, _TOP = 92, 20, 10
_LINE, _LINES = 38, 3  # characters in a line of a box, and lines in a box

_RISKS = (
    "a wrong playbook changes something for many people at once",
    "the ledger on a lost computer shows automatic replies, addresses in settings, and who changed settings",
    "staff feel watched, because absences and sign-in methods are visible",
    "someone with access to the state folder replaces the whole ledger, which only a copy of its head elsewhere shows",
)
_RISKS_OF_TRUST = (
    "an app or a key for one school's work reads or changes the data of another school in the same tenant",
    "people of a school read entries about another school, because both schools have the same ledger",
    "the only operator leaves, and no one can read the reports, stop the jobs or change the keys",
)


@dataclass(frozen=True, slots=True)
class FlowBox:
    """A box in the diagram of the data flow, with the lines of text below its name."""

    name: str
    lines: tuple[str, ...]
    both: bool = False  # whether data flows both ways
    y: int = 0


def write_dpo_pack(playbooks: Playbooks, directory: Path, *, force: bool) -> Sequence[Path]:
    """Write the pack and return the paths of its files. Raise UsageError if a file exists, unless `force` is set."""
    return write_dpo_files(facts_of(playbooks), directory, force=force)


def write_dpo_files(facts: DpoFacts, directory: Path, *, force: bool) -> Sequence[Path]:
    """Write the pack of these facts and return the paths of its files."""
    return write_new_files(dpo_files(facts), directory, replace=force)


def dpo_files(facts: DpoFacts) -> Mapping[str, str]:
    """Return the content of each file of the pack by name. The same facts always give the same bytes."""
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    values |= {
        "data": facts.data_types,
        "permissions_by_identity": facts.permissions_by_identity(),
        "names": [control.name for control in facts.controls],
        "blank": _BLANK,
        "cell": _CELL,
        "risks": [*_stolen_key_sentences(facts), *_RISKS, *(_RISKS_OF_TRUST if facts.trust else ())],
    }
    return {_FLOW: _data_flow_diagram(facts), **dict(_render_documents(values))}


def _render_documents(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    written, pages = _template_environment(_as_markdown), _template_environment(None)
    for name in DOCUMENTS:
        text = re.sub(r"\n{3,}", "\n\n", written.get_template(f"{name}.md.j2").render(values)).strip() + "\n"
        html = str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))
        html = html.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")
        title = text.partition("\n")[0].lstrip("# ")
        yield f"{name}.md", text
        yield (f"{name}.html"), pages.get_template("pack.html.j2").render(title=title, body=Markup(html)) + ("\n")  # noqa: S704 - without HTML of others


def _as_markdown(value: object) -> object:
    """Escape Markdown characters in texts from playbooks."""
    from markupsafe import Markup

    if not isinstance(value, str):
        return value
    return Markup(_MARKS.sub(r"\\\1", value))  # noqa: S704 - it is Markdown


def _template_environment(finalize: Any) -> "Environment":
    require("jinja2", "reports", "dpo-pack")
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("toolkit.dpo", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
    environment.filters["sentence"] = PHRASES["sentence"]
    return environment


def _data_flow_diagram(facts: DpoFacts) -> str:
    """Return an SVG diagram of the data flow into and out of toolkit."""
    sources = [_cloud_box(facts, name) for name in facts.clouds]
    sources.append(FlowBox("Playbooks", ("the school's rules, in git or a folder",)))
    if facts.absences:
        sources.append(FlowBox("List of absences", ("a file from the school, without reasons",)))
    sinks = [
        FlowBox("Ledger", ("each change, its date and its origin", "in the state folder")),
        FlowBox("Reports", ("for governors: numbers and roles",)),
    ]
    if facts.holds:
        sinks.append(FlowBox("Register of holds", ("encrypted, next to the playbooks",)))
    if facts.dns:
        sinks.append(FlowBox("DNS", ("names of the school's mail domains",)))
    if facts.channels:
        sinks.append(FlowBox("Notices", _box_lines(facts.channels)))
    if facts.watched:
        sinks.append(FlowBox("Watching service", ("a call without content after jobs",)))
    rows = max(len(sources), len(sinks))
    height = 2 * _TOP + rows * (_BOX + _GAP) - _GAP
    values = {
        "height": height,
        "middle": height // 2,
        "sources": _place_boxes(sources, rows),
        "sinks": _place_boxes(sinks, rows),
    }
    return _template_environment(None).get_template(f"{_FLOW}.j2").render(values) + "\n"


def _stolen_key_sentences(facts: DpoFacts) -> Iterator[str]:
    """Yield a sentence for each identity about the possible actions of someone who stole its key.

    The sentence about the key that writes leaves out everything that the key that reads allows too.
    """
    for (cloud, identity), some in facts.permissions_by_identity().items():
        reads = identity == Identity.READ
        deeds = dict.fromkeys(
            permission.stolen for permission in some if permission.writes or (reads and permission.data)
        )
        if deeds:
            also = "" if reads else "see most of the data that the reading key shows, and "
            yield (
                f"with the stolen key of the identity that {identity}s {cloud}, a thief could {also}{'; '.join(deeds)}"
            )


def _cloud_box(facts: DpoFacts, cloud: str) -> FlowBox:
    writes = any(permission.writes for permission in facts.permissions if permission.cloud == cloud)
    return FlowBox(cloud, _box_lines(facts.data_types_of([cloud])), both=writes)


def _box_lines(names: Sequence[str]) -> tuple[str, ...]:
    """Return as many names as fit into a box of the diagram, and a line that counts the remaining names."""
    few = tuple(shorten(name, _LINE, placeholder=" ...") for name in names)
    more = f"and {len(few) - _LINES + 1} more"
    return few if len(few) <= _LINES else (*few[: _LINES - 1], more)


def _place_boxes(boxes: Sequence[FlowBox], rows: int) -> list[FlowBox]:
    first = _TOP + (rows - len(boxes)) * (_BOX + _GAP) // 2
    return [FlowBox(box.name, box.lines, box.both, first + n * (_BOX + _GAP)) for n, box in enumerate(boxes)]
