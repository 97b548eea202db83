"""Render the report on all schools of a trust as text."""

from collections.abc import Iterator

from toolkit.render.line import Line, Tone
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.trust.report_facts import NOT_READ, SchoolFacts, TrustReportFacts

_MATTERS_SHOWN = 10


def report_lines(facts: TrustReportFacts) -> Iterator[Line]:
    """Yield the schools by sections, their gaps, and agreed variations."""
    yield Line(f"{facts.trust}: the policy in {count_text(len(facts.schools), 'school')}", Tone.HEADING)
    for school in facts.schools:
        yield Line()
        yield Line(f"{school.name} ({school.short_name})", Tone.HEADING)
        yield from _school_lines(school)
    if facts.matters:
        yield Line()
        yield Line("What needs attention:", Tone.HEADING)
    for matter in facts.matters[:_MATTERS_SHOWN]:
        yield Line(f"! {matter.clause}  {matter.status} in {', '.join(matter.schools)}: {matter.says}", Tone.CHANGED)
        yield Line(f"    {matter.because}")
    if len(facts.matters) > _MATTERS_SHOWN:
        yield Line(f"  and {len(facts.matters) - _MATTERS_SHOWN} more", Tone.QUIET)
    for variation in facts.variations:
        until = f" until {day(variation.until)}" if variation.until else ""
        yield Line(f"x {variation.school}: {variation.control}{until}: {variation.what}", Tone.QUIET)
    unread = [school.name for school in facts.schools if school.unread_reasons]
    parts = [f"{count_text(len(facts.matters), 'clause')} not met in a school"]
    parts += [f"not read completely: {', '.join(unread)}"] if unread else []
    yield Line()
    yield Line(f"{'; '.join(parts)}.", Tone.HEADING, essential=True)


def _school_lines(school: SchoolFacts) -> Iterator[Line]:
    for reason in school.unread_reasons:
        yield Line(f"  ? not read: {reason}", Tone.WARNING)
    for section, counts in school.sections.items():
        shown = ", ".join(f"{count.count} {count.status}" for count in counts)
        tone = Tone.WARNING if any(count.status == NOT_READ for count in counts) else Tone.PLAIN
        yield Line(f"  {section}: {shown}", tone)
