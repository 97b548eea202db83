"""Write canaries: the lines of a plan and a check, and their JSON."""

from collections.abc import Iterator, Sequence

from toolkit.planning.mail_flow.canaries import CanaryChange, CanaryResult, CanaryState
from toolkit.playbook.canaries import Expectation
from toolkit.render.line import Line, Tone
from toolkit.render.message_text import outcome_words
from toolkit.sdk.providers import cloud_title
from toolkit.values import Body

_MUST = {
    Expectation.GET_THROUGH: "must get through",
    Expectation.BE_STOPPED: "must be stopped",
    Expectation.WAIT: "must wait for a moderator",
}
_SIGNS = {CanaryState.MET: "+", CanaryState.FAILED: "!", CanaryState.UNKNOWN: "?"}


def change_lines(changes: Sequence[CanaryChange], count: int) -> Iterator[Line]:
    """Yield the canaries whose result a plan would change, as far as the plan reads the rules."""
    if not changes:
        return
    yield Line()
    names = {change.after.canary.name for change in changes}
    heading = f"Mail: by the rules that were read, the plan changes the result of {len(names)} of {count} canaries:"
    yield Line(heading, Tone.HEADING)
    for change in changes:
        canary, after = change.after.canary, change.after
        tone = Tone.WARNING if after.state is CanaryState.FAILED else Tone.CHANGED
        before = outcome_words(change.before.example)
        yield Line(
            f"{_SIGNS[after.state]} {canary.name} {_MUST[canary.expectation]} ({cloud_title(after.provider)}): "
            f"now {before}; after the plan {outcome_words(after.example)}",
            tone,
            hang=2,
        )


def canary_answer(change: CanaryChange) -> Body:
    """Return a changed canary as JSON."""
    return {
        "name": change.after.canary.name,
        "provider": change.after.provider,
        "must": change.after.canary.must,
        "before": str(change.before.state),
        "after": str(change.after.state),
        "result_before": str(change.before.example.result),
        "result_after": str(change.after.example.result),
        "by": change.after.example.by,
    }


def result_lines(results: Sequence[CanaryResult], *, verbose: bool) -> Iterator[Line]:
    """Yield the canaries that fail today, then a count. With `verbose`, yield every canary."""
    if not results:
        return
    yield Line()
    yield Line("Mail:", Tone.HEADING)
    for result in results:
        if verbose or result.state is CanaryState.FAILED:
            yield Line(
                _result_text(result), Tone.WARNING if result.state is not CanaryState.MET else Tone.PLAIN, hang=2
            )
    counts = {state: sum(result.state is state for result in results) for state in CanaryState}
    canaries = len({result.canary.name for result in results})
    yield Line(
        f"  {canaries} canaries, {len(results)} results: {counts[CanaryState.MET]} as they must be, "
        f"{counts[CanaryState.FAILED]} fail, {counts[CanaryState.UNKNOWN]} unknown"
    )


def _result_text(result: CanaryResult) -> str:
    canary = result.canary
    place = f"{cloud_title(result.provider)}, {canary.origin}"
    reasons = f": {'; '.join(result.example.reasons)}" if result.example.reasons else ""
    words = outcome_words(result.example)
    return f"{_SIGNS[result.state]} {canary.name} {_MUST[canary.expectation]} ({place}): {words}{reasons}"


def result_answer(result: CanaryResult) -> Body:
    """Return the result of a canary as JSON."""
    return {
        "name": result.canary.name,
        "provider": result.provider,
        "must": result.canary.must,
        "state": str(result.state),
        "result": str(result.example.result),
        "by": result.example.by,
        "reasons": list(result.example.reasons),
    }
