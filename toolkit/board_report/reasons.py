"""Puts the reasons of a clause together by what they are about, and tells long ones once; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolkit.board_report.plain_language import capital
from toolkit.board_report.tables import Told

_LONG = 3
"""From how many reasons on the same ones are not told again under a later clause."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """What was found about one thing, which is "" where a reason names none; or the clause that tells it already."""

    subject: str
    found: tuple[str, ...]
    under: str = ""


@dataclass(frozen=True, slots=True)
class ClauseReasons:
    """A clause and its reasons."""

    clause: Told
    reasons: Sequence[Reasons]


def lines(clauses: Sequence[Told]) -> list[ClauseReasons]:
    """Give every clause with its reasons; those that an earlier clause gives at length are named by that clause."""
    return list(_lines(clauses))


def _lines(clauses: Sequence[Told]) -> Iterator[ClauseReasons]:
    under: dict[tuple[str, tuple[str, ...]], str] = {}
    for clause in clauses:
        told = []
        for subject, found in _grouped(clause):
            first = under.setdefault((subject, found), clause["clause"]) if len(found) >= _LONG else ""
            told.append(Reasons(subject, found, "" if first == clause["clause"] else first))
        yield ClauseReasons(clause, told)


def _grouped(clause: Told) -> list[tuple[str, tuple[str, ...]]]:
    told: list[tuple[str, tuple[str, ...]]] = []
    for subject, found in _reasons(clause):
        if subject and told and told[-1][0] == subject:
            told[-1] = (subject, (*told[-1][1], found))
        else:
            told.append((subject, (found,)))
    return told


def _reasons(clause: Told) -> Iterator[tuple[str, str]]:
    """Give each reason with its subject; an older document has whole texts alone."""
    if "reasons" in clause:
        yield from ((one["subject"], one["found"]) for one in clause["reasons"])
    else:
        yield from (("", capital(text)) for text in clause["because"])
