"""What a drift in quiet hours leaves to be told after them, beside findings, which the ledger holds anyway; pure."""

from collections.abc import Iterable, Iterator, Mapping

from toolkit.report.noted import FAILED, FINDING, HOLDS, RENAMED, RUN, UNREAD, Noted, Wording, restored


def to_hold(seen: Iterable[Noted], known: Iterable[str], over: Iterable[Noted]) -> Mapping[str, str]:
    """Give all that is so now: what was seen, and what channels know and nothing could be said of."""
    gone = {one.id for one in over}
    still = {key: "open" for key in known if not key.startswith(FINDING) and key not in gone}
    return {**still, **{one.id: one.state for one in seen}}


def of_morning(held: Mapping[str, str], wording: Wording) -> Iterator[Noted]:
    """Tell of what was held back; what is critical was not."""
    for key, state in held.items():
        if key.startswith(UNREAD):
            yield wording.unread(key.removeprefix(UNREAD))
        elif key.startswith(FAILED):
            yield wording.failed(key.removeprefix(FAILED))
        elif key.startswith(RENAMED):
            yield wording.renamed(key.removeprefix(RENAMED), state)
        elif key not in {RUN, HOLDS}:
            yield wording.missed(key)


def over_by_morning(told: Iterable[str], held: Mapping[str, str]) -> Iterator[Noted]:
    """Tell what a channel knows and was not so any more."""
    return (restored(key) for key in told if not key.startswith(FINDING) and key not in held)
