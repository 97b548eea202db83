"""Says of each clause that stands otherwise than before, or of which less holds, what moved it; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.board_report.change_origin import Came, PeriodRecord, came, rank
from toolkit.board_report.export import Export
from toolkit.board_report.period import EarlierStatuses
from toolkit.board_report.plain_language import about_plainly
from toolkit.board_report.standards import standards
from toolkit.planning.policy.fact import Fact, FactVerdict
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.sdk.reason import About, admin_text
from toolkit.values import Body


def moved(export: Export) -> list[Body]:
    """Give each clause that stands otherwise than before, or of which less holds, with one sentence.

    What got worse comes first, and of that what is most serious.
    """
    before = export.past.before
    if before is None:
        return []
    found = sorted(_moved(export, before), key=lambda pair: pair[0])
    return [told for _, told in found]


def _moved(export: Export, before: EarlierStatuses) -> Iterator[tuple[tuple[bool, int], Body]]:
    grounds = PeriodRecord(export, before)
    for one in export.report.statuses:
        was = before.statuses.get(one.clause.name)
        if was is None:
            continue
        serious = max((standards().beside(name).serious for name in one.clause.controls), default=1)
        if was != one.status:
            known = ClauseStanding(was) if was in set(ClauseStanding) else None
            better = known is not None and rank(one.status) >= rank(known)
            source = came(one, known, grounds)
            yield (better, -serious), _told(one, was, source, f"was “{was}” and is “{one.status}” now")
        elif fewer := _fewer(one, before):
            less, how = _less(one, fewer)
            yield (False, -serious), _told(one, was, came(less, None, grounds), f"is “{was}” as before, and {how}")


def _told(one: ClauseStatus, was: str, source: Came, how: str) -> Body:
    return {
        "clause": one.clause.name,
        "before": was,
        "now": str(one.status),
        "where": source.where,
        "sentence": f"{one.clause.name} {how}: {source.why.rstrip('.')}.",
    }


def _fewer(one: ClauseStatus, before: EarlierStatuses) -> tuple[Fact, ...]:
    """Give what held before and does not now, or held for some and holds for nobody, of a clause in the same status."""
    if before.lacking is None:
        return ()
    lacked = before.lacking.get(one.clause.name, {})
    worse = {about for about, verdict in one.lacking_of.items() if _worse(_verdict_of(about, lacked), verdict)}
    return tuple(fact for fact in one.evidence if fact.about in worse)


def _verdict_of(about: About, lacked: Mapping[str, str]) -> str | None:
    """Return how it was with something, as the ledger or the file of an earlier report recorded it."""
    return lacked.get(admin_text(about)) or lacked.get(about_plainly(about))


def _less(one: ClauseStatus, fewer: Sequence[Fact]) -> tuple[ClauseStatus, str]:
    """Give a clause by what is newly missing of it: what fails before what nobody could look at or has confirmed."""
    for verdicts, status, how in _HOW:
        if found := tuple(fact for fact in fewer if fact.verdict in verdicts):
            because = tuple(fact.reason for fact in found)
            return replace(one, status=status or one.status, evidence=found, because=because), how
    return one, "less of it holds"


_HOW = (
    ((FactVerdict.FAILS, FactVerdict.IN_PART), None, "less of it holds"),
    ((FactVerdict.UNREAD,), ClauseStanding.NOT_CHECKED, "less of it could be looked at"),
    ((FactVerdict.OPEN,), None, "less of it is confirmed"),
)


def _worse(was: str | None, now: str) -> bool:
    return was is None or (was == FactVerdict.IN_PART and now == FactVerdict.FAILS)
