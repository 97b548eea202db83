"""What the first run on a tenant has shown, as text, as JSON and as a file without names."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import toolkit
from toolkit.engine.first_run import FactState, SeenFact
from toolkit.render.answer import FORMAT
from toolkit.render.line import Line, Tone
from toolkit.sdk.reason import admin_text
from toolkit.values import Body

_SHOWN: Mapping[FactState, tuple[str, Tone]] = {
    FactState.CONTRADICTED: ("wrong", Tone.REMOVED),
    FactState.UNREAD: ("unread", Tone.WARNING),
    FactState.VERIFIED: ("verified", Tone.ADDED),
    FactState.NOT_SHOWN: ("not shown here", Tone.CHANGED),
    FactState.NEEDS_WRITE: ("needs a write", Tone.CHANGED),
    FactState.NOT_USED: ("not used", Tone.QUIET),
}
_WIDTH = max(len(word) for word, _ in _SHOWN.values())


def fact_lines(seen: Sequence[SeenFact]) -> Iterator[Line]:
    """Show each fact with its state, those first that keep a write waiting."""
    states = list(_SHOWN)
    for one in sorted(seen, key=lambda one: (one.provider, states.index(one.state))):
        word, tone = _SHOWN[one.state]
        on = f" ({one.verification.by}, {one.verification.on})" if one.verification else ""
        yield Line(f"{word:{_WIDTH}}  {one.provider}.{one.fact.name}: {one.fact.says}{on}", tone)
        if one.reason:
            yield Line(f"{'':{_WIDTH}}  {admin_text(one.reason)}", tone)
        elif one.state is not FactState.VERIFIED:
            yield Line(f"{'':{_WIDTH}}  -> {one.fact.how}", tone)


def fact_summary(seen: Sequence[SeenFact]) -> Line:
    """Sum up in one line."""
    counts = Counter(one.state for one in seen)
    told = ", ".join(f"{counts[state]} {word}" for state, (word, _) in _SHOWN.items() if counts[state])
    return Line(f"First run: {told}.", Tone.HEADING)


def facts_answer(seen: Sequence[SeenFact], target: str, day: str) -> Body:
    """Give the facts for a file that others may read: no name, no address, no id of the tenant."""
    return {
        "format": FORMAT,
        "target": target,
        "on": day,
        "version": toolkit.__version__,
        "facts": [
            {
                "provider": one.provider,
                "fact": one.fact.name,
                "says": one.fact.says,
                "state": str(one.state),
                "how": one.fact.how,
                "kinds": sorted({f"{one.provider}.{rests.kind}" for rests in one.fact.rests}),
                "requests": [{"status": status, "id": request} for status, request in one.requests],
                "verified": one.verification.on.isoformat() if one.verification else None,
                "reason": one.reason.code.code if one.reason else None,
            }
            for one in seen
        ],
    }
