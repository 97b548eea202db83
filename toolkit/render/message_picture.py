"""Draw the way of a message through the rules as an SVG picture for a page, without fonts or scripts.

The picture is as wide as a telephone, so that its text can be read at every size of a page.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from textwrap import wrap

from toolkit.engine.message import CloudMail, MessageReport
from toolkit.planning.mail_flow.walk import OutcomeGroup, Step, group_outcomes
from toolkit.printable import printable
from toolkit.records import dataclass
from toolkit.render.line import Tone
from toolkit.render.message_text import (
    CONFIDENTIAL,
    FILTER_UNKNOWN,
    describe_effect,
    is_worth_showing,
    outcome_summary,
    outcome_verdict,
    people_in_words,
)
from toolkit.sdk.mail_flow import MailResult

_WIDTH, _MARGIN, _PADDING, _GAP, _ROW = 390, 12, 10, 16, 18
_LETTERS = 45
"""The letters in a row of a box. In the widest font, a letter is 7.7 wide, and a bold letter 8.8."""
_INK, _QUIET, _EDGE = "#1a1a1a", "#4a4a4a", "#767676"
_FILLS: Mapping[Tone, str] = {
    Tone.ADDED: "#e3f1e5",
    Tone.REMOVED: "#fbe6e6",
    Tone.CHANGED: "#fdf3d6",
    Tone.WARNING: "#e4e7ea",
}
_FRAMES: Mapping[Tone, str] = {
    Tone.ADDED: "#1d6b34",
    Tone.REMOVED: "#8f1d1d",
    Tone.CHANGED: "#8a5a00",
    Tone.WARNING: "#4a4a4a",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of text in a box."""

    text: str
    bold: bool = False
    colour: str = _INK


@dataclass(frozen=True, slots=True)
class _Box:
    """A part of the picture. A box without a frame is only text."""

    rows: tuple[_Row, ...]
    fill: str = "none"
    frame: str = ""
    is_dashed: bool = False
    follows: bool = False  # an arrow leads from the box above

    @property
    def height(self) -> int:
        return len(self.rows) * _ROW + (2 * _PADDING if self.frame else 4)


def message_picture(report: MessageReport) -> str:
    """Return the way of a message on each cloud as the text of an SVG file. The subject and the text are left out."""
    boxes = list(_boxes(report))
    shapes: list[str] = []
    top = _MARGIN
    for box in boxes:
        top += _GAP if shapes else 0
        shapes += _draw_box(box, top)
        top += box.height
    height = top + _MARGIN
    to = people_in_words(report.message.recipients)
    title = escape(f"{CONFIDENTIAL} The way of a message from {report.message.sender} to {to}")
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'style="max-width: 100%; height: auto" role="img" font-family="Arial, Helvetica, sans-serif" font-size="13">'
    )
    return "\n".join([head, f"<title>{title}</title>", _GROUND.format(_WIDTH, height), *shapes, "</svg>", ""])


_GROUND = '<rect width="{}" height="{}" fill="#fff"/>'


def _boxes(report: MessageReport) -> Iterator[_Box]:
    yield _Box(tuple(_rows(CONFIDENTIAL, bold=True, colour="#fff")), "#5b0f0f", "#5b0f0f")
    sender, to = report.message.sender, people_in_words(report.message.recipients)
    moment = f"{report.at:%-d %B %Y, %H:%M}"
    taken = _rows(f"Taken as true: {'; '.join(report.assumptions)}.", colour=_QUIET) if report.assumptions else ()
    yield _Box((*_rows(f"From {sender}"), *_rows(f"To {to}"), *_rows(moment, colour=_QUIET), *taken))
    for cloud in report.clouds:
        yield _Box(tuple(_rows(cloud.title + (", after the plan" if report.has_plan else ""), bold=True)))
        yield from _cloud_boxes(report, cloud)


def _cloud_boxes(report: MessageReport, cloud: CloudMail) -> Iterator[_Box]:
    if cloud.failure:
        yield _result_box(f"Cannot tell: {cloud.title} could not be read: {cloud.failure}", Tone.WARNING, follows=False)
        return
    for change in cloud.differences:
        before, after = outcome_summary(change.before), outcome_summary(change.after)
        words = f"The plan changes the result for {change.address}: now {before}; after the plan {after}."
        yield _result_box(words, Tone.CHANGED, follows=False)
    shown = cloud.results if cloud.results_after is None else cloud.results_after
    groups = group_outcomes(shown)
    for group in groups:
        if len(shown) > 1:
            number = _rows(f"{len(group.recipients)} of {len(shown)} recipients:", bold=True) if len(groups) > 1 else ()
            yield _Box((*number, *_rows(people_in_words(group.recipients))))
        yield from _group_boxes(report, cloud, group)
    if any(group.example.result is MailResult.NOT_STOPPED for group in groups):
        yield _Box(tuple(_rows(FILTER_UNKNOWN, colour=_QUIET)))
    unread = [f"Could not be read: {kind}: {reason}" for kind, reason in cloud.unread_kinds.items()]
    parts = "; ".join(part.what for part in cloud.not_read)
    unread += [f"toolkit does not read: {parts}."] if parts else []
    if unread:
        yield _Box(tuple(row for words in unread for row in _rows(words, colour=_QUIET)))


def _group_boxes(report: MessageReport, cloud: CloudMail, group: OutcomeGroup) -> Iterator[_Box]:
    worth = (step for step in group.example.steps if is_worth_showing(step, group.example))
    steps = [step for step in worth if step.truth or step.decides]
    yield from (_step_box(report, cloud, step, follows=place > 0) for place, step in enumerate(steps))
    verdict, tone = outcome_verdict(group.example)
    yield _result_box(verdict, tone, group.example.reasons, follows=bool(steps))


def _step_box(report: MessageReport, cloud: CloudMail, step: Step, *, follows: bool) -> _Box:
    served = report.find_served(cloud.provider, step.kind, step.name)
    clauses = _rows(f"Clause {', '.join(served.clauses)}", colour=_QUIET) if served and served.clauses else ()
    why = _rows(f"Unknown: {'; '.join(step.why)}", colour=_QUIET) if step.truth is None and step.why else ()
    rows = (
        *_rows(step.stage.capitalize(), colour=_QUIET),
        *_rows(step.name, bold=True),
        *_rows(describe_effect(step)),
        *why,
        *clauses,
    )
    return _Box(rows, "#f2f5f8", _EDGE, is_dashed=step.truth is None, follows=follows)


def _result_box(words: str, tone: Tone, reasons: Sequence[str] = (), *, follows: bool) -> _Box:
    rows = (*_rows(words, bold=True), *(row for reason in reasons for row in _rows(f"? {reason}")))
    return _Box(rows, _FILLS[tone], _FRAMES[tone], follows=follows)


def _rows(words: str, *, bold: bool = False, colour: str = _INK) -> Iterator[_Row]:
    """Yield the rows of a text. Bold letters are wider."""
    letters = _LETTERS - 6 if bold else _LETTERS
    yield from (_Row(row, bold, colour) for row in wrap(printable(words), letters, break_on_hyphens=False))


def _draw_box(box: _Box, top: int) -> Iterator[str]:
    left, padding = _MARGIN, _PADDING if box.frame else 0
    if box.follows:
        middle = _WIDTH // 2
        line = f"M{middle} {top - _GAP}V{top - 1}m-5 -6 5 6 5 -6"
        yield f'<path d="{line}" fill="none" stroke="{_EDGE}" stroke-width="2"/>'
    if box.frame:
        dashes = ' stroke-dasharray="5 4"' if box.is_dashed else ""
        yield (
            f'<rect x="{left}" y="{top}" width="{_WIDTH - 2 * left}" height="{box.height}" rx="6" '
            f'fill="{box.fill}" stroke="{box.frame}" stroke-width="1.5"{dashes}/>'
        )
    for number, row in enumerate(box.rows, start=1):
        weight = ' font-weight="bold"' if row.bold else ""
        place = f'x="{left + padding}" y="{top + padding + number * _ROW - 5}"'
        yield f'<text {place} fill="{row.colour}"{weight}>{escape(row.text)}</text>'
