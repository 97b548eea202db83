"""Render the page of a first look: a single HTML file without scripts or requests, styled like the governors'
report.
"""

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from toolkit.board_report.plain_language import capital, sanitise
from toolkit.board_report.reviewed_text import risk_by_control
from toolkit.board_report.template_filters import SIGNS
from toolkit.look.facts import questions_for_top_of_page
from toolkit.look.model import Look, LookFact, LookRow, LookSection, LookState
from toolkit.sdk.dates import day
from toolkit.sdk.providers import kinds

TITLE = "A first look at the school’s accounts, mail and devices"
_PRACTICE = "Practice run: the tenants are emulated, and no one in them is real."
_NOTE = (
    "Nothing was changed. These are facts as they were read, and not a judgement, because the school has no playbooks "
    "yet. The reasons below may name accounts and rules, so treat the page as confidential."
)
_NEXT = (
    "This command creates playbooks that check the same facts again and compare them with the school’s own rules. "
    "Nothing is written to a tenant until the school asks for it."
)
_MOST = 6
"""Questions at the top. The others follow in the tables."""
_SIGN = {LookState.ASK: "partly", LookState.UNREAD: "not checked", LookState.UNAVAILABLE: "not technical"}
_STYLE = """
.look thead th:first-child { width: 26%; }
.look tbody th { font-weight: normal; }
.look .source { display: block; font-size: .8rem; color: var(--quiet); }
.look .ask { columns: auto; font-weight: bold; }
.first > li { margin-bottom: .6rem; break-inside: avoid; }
.first .risk { display: block; font-weight: normal; }
.gap thead th:nth-child(1) { width: 30%; } .gap thead th:nth-child(3) { width: 28%; }
code { font-family: "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: .9em; overflow-wrap: anywhere; }
@media print {
  .look, .gap { font-size: 7.8pt; line-height: 1.22; }
  .look th, .look td, .gap th, .gap td { padding: 1.5pt 4pt; }
  .look .source { display: inline; font-size: 6.4pt; margin-left: 4pt; }
}
"""
_ASK_PEOPLE = (
    "When was the web filter last tested, on a pupil’s device and on a member of staff’s, and who reads the alerts?",
    "When was a backup last restored to see that it works?",
    "Who decides when an account is closed, and who tells IT?",
)


def render_look(look: Look, next_step: str) -> str:
    """Return the page as HTML. `next_step` is the command that creates playbooks after the look."""
    return "\n".join(_page_parts(look, next_step)) + "\n"


def _page_parts(look: Look, next_step: str) -> Iterator[str]:
    style = files("toolkit.board_report").joinpath("page.css").read_text(encoding="utf-8")
    banner = '@page { @top-center { content: "Practice run, simulated data"; font-weight: bold; font-size: 9pt; } }'
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    yield f"""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{_escape_html(look.school)}: {TITLE}</title>
<style>
{style}{_STYLE}{banner if look.practice else ""}
</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>"""
    yield f'<p class="practice">{_PRACTICE}</p>' if look.practice else ""
    yield f'<h1><span class="school">{_escape_html(look.school)}<span class="unseen">:</span></span> {TITLE}</h1>'
    yield from _facts_html(look)
    yield f'<p class="note">{_NOTE}</p>'
    yield '</header>\n<main id="main" tabindex="-1">'
    yield from _first_questions_html(look)
    for section in look.sections:
        yield from _section_html(section, look)
    yield from _gaps_html(look)
    yield from _questions_for_staff_html()
    yield '<section aria-labelledby="next">\n<h2 id="next">What to do next</h2>'
    yield f"<p>{_NEXT}</p>\n<p><code>{_escape_html(next_step)}</code></p>\n</section>"
    yield "</main>\n</body>\n</html>"


def _escape_html(text: str) -> str:
    return escape(str(sanitise(text, names=True)))


def _facts_html(look: Look) -> Iterator[str]:
    clouds = " and ".join(cloud.title for cloud in look.clouds)
    yield '<dl class="facts">'
    for name, text in (
        ("Read", f"{day(look.now.date())}, {look.now:%H:%M}"),
        ("Clouds", clouds),
        ("Domains", ", ".join(look.domains)),
        ("Not read", f"{len(look.gaps)} of the facts to read" if look.gaps else "nothing that a look reads"),
    ):
        yield f"<div><dt>{name}</dt><dd>{_escape_html(text)}</dd></div>"
    yield "</dl>"


def _first_questions_html(look: Look) -> Iterator[str]:
    rows = [row for row in look.rows if row.asks]
    first = questions_for_top_of_page(rows)[:_MOST]
    yield '<section aria-labelledby="first">\n<h2 id="first">What to ask about first</h2>'
    if not rows:
        yield "<p>Nothing here needs a question. The list below shows everything that could not be read.</p>"
    else:
        yield '<ul class="first gaps">'
        yield from (f"<li>{_question_html(row, look)}</li>" for row in first)
        yield "</ul>"
        if more := len(rows) - len(first):
            yield f'<p class="note">{more} more {"line is" if more == 1 else "lines are"} marked in the tables.</p>'
    yield "</section>"


def _question_html(question: LookRow, look: Look) -> str:
    marked = [fact for fact in question.facts if fact.state is LookState.ASK]
    answers = "; ".join(f"{fact.top or fact.text}{_cloud_name_suffix(fact, look)}" for fact in marked)
    risk = f'<span class="risk">{_escape_html(risk_by_control().get(question.risk, ""))}</span>'
    return (
        f"{_sign_html(LookState.ASK)} <strong>{_escape_html(question.label)}:</strong> {_escape_html(answers)}. {risk}"
    )


def _cloud_name_suffix(fact: LookFact, look: Look) -> str:
    return f" on {_cloud_title(fact, look)}" if len(look.clouds) > 1 else ""


def _cloud_title(fact: LookFact, look: Look) -> str:
    return next(cloud.title for cloud in look.clouds if cloud.provider == fact.provider)


def _section_html(section: LookSection, look: Look) -> Iterator[str]:
    key = section.title.lower().replace(" ", "-")
    titles = [cloud.title for cloud in look.clouds]
    yield f'<section aria-labelledby="{key}">\n<h2 id="{key}">{_escape_html(section.title)}</h2>'
    yield from _table_html("look", section.title, ["What", *titles])
    for row in section.rows:
        yield f'<tr role="row"><th role="rowheader" scope="row">{_escape_html(row.label)}</th>'
        by_cloud = {fact.provider: fact for fact in row.facts}
        for cloud in look.clouds:
            yield _cell_html(by_cloud.get(cloud.provider), cloud.title)
        yield "</tr>"
    yield "</tbody></table>\n</section>"


def _cell_html(fact: LookFact | None, title: str) -> str:
    if fact is None:
        return '<td role="cell"></td>'
    word = {LookState.ASK: '<span class="unseen">Ask about this:</span> ', LookState.READ: ""}.get(fact.state, "")
    name = ' class="ask"' if fact.state is LookState.ASK else ""
    inside = f"{_sign_html(fact.state)}<span{name}>{word}{_escape_html(capital(fact.text))}</span>"
    source = f'<span class="source">{_escape_html(capital(fact.source))}</span>'
    return f'<td role="cell" data-name="{_escape_html(title)}">{inside}{source}</td>'


def _sign_html(state: LookState) -> str:
    if state not in _SIGN:
        return ""
    return f'<svg class="sign" viewBox="0 0 16 16" aria-hidden="true">{SIGNS[_SIGN[state]].icon}</svg> '


def _table_html(name: str, caption: str, column_titles: Sequence[str]) -> Iterator[str]:
    cells = "".join(f'<th role="columnheader" scope="col">{_escape_html(head)}</th>' for head in column_titles)
    yield f'<table class="wide {name}" role="table"><caption class="unseen">{_escape_html(caption)}</caption>'
    yield f'<thead role="rowgroup"><tr role="row">{cells}</tr></thead><tbody role="rowgroup">'


def _gaps_html(look: Look) -> Iterator[str]:
    yield '<section aria-labelledby="gaps">\n<h2 id="gaps">Facts that could not be read, and why</h2>'
    if look.gaps:
        yield from _table_html("gap", "Facts that could not be read", ["What", "Why", "What to do"])
        for gap in look.gaps:
            yield f'<tr role="row"><th role="rowheader" scope="row">{_escape_html(capital(gap.subject))}</th>'
            yield f'<td role="cell" data-name="Why">{_escape_html(capital(gap.why))}</td>'
            yield f'<td role="cell" data-name="What to do">{_escape_html(capital(gap.advice))}.</td></tr>'
        yield "</tbody></table>"
    else:
        yield "<p>Everything that a look reads could be read.</p>"
    yield "<h3>What a look leaves out</h3>\n<ul>"
    for title, why in look.not_looked_at.items():
        yield f"<li>{_escape_html(title)}: {_escape_html(why)}.</li>"
    for cloud in look.clouds:
        reasons: dict[str, list[str]] = {}
        for name, why in cloud.left_out.items():
            reasons.setdefault(why, []).append(kinds(cloud.provider)[name].title)
        for why, names in reasons.items():
            yield f"<li>{_escape_html(cloud.title)}, {_escape_html(', '.join(names))}: {_escape_html(why)}.</li>"
    yield "</ul>\n</section>"


def _questions_for_staff_html() -> Iterator[str]:
    yield '<section aria-labelledby="people">\n<h2 id="people">What only people can answer</h2>\n<ul>'
    yield from (f"<li>{question}</li>" for question in _ASK_PEOPLE)
    yield "</ul>\n</section>"
