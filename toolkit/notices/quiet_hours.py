"""What a drift in quiet hours leaves to be told after them, beside findings, which the ledger holds anyway; pure."""

from collections.abc import Iterable, Iterator, Mapping

from toolkit.ledger.notifications_sent import ONCE
from toolkit.notices.digest_content import Wording
from toolkit.notices.digest_entry import FINDING, MISSING, NEWCOMER, OVERDUE, RENAMED, UNREAD, Noted, newcomer
from toolkit.notices.digest_resolved import restored


def to_hold(seen: Iterable[Noted], known: Mapping[str, str], over: Iterable[Noted]) -> Mapping[str, str]:
    """Give all that is so now: what was seen, and what channels know and nothing could be said of."""
    gone = {one.id for one in over}
    still = {key: state for key, state in known.items() if not key.startswith(FINDING) and key not in gone}
    return {**still, **{one.id: one.state if one.lasting else ONCE for one in seen}}


def of_morning(held: Mapping[str, str], wording: Wording) -> Iterator[Noted]:
    """Tell of what was held back; what is critical was not, and what `due` could not do it tells itself."""
    for key, state in held.items():
        if state == ONCE:
            yield wording.happened(key)
        elif key.startswith(RENAMED):
            yield wording.renamed(key.removeprefix(RENAMED), state)
        elif key.startswith(MISSING):
            yield wording.missed(key.removeprefix(MISSING))
        elif key.startswith(UNREAD):
            yield wording.unread(key.removeprefix(UNREAD))
        elif key.startswith(NEWCOMER):
            yield newcomer(key.removeprefix(NEWCOMER), state)
        elif key.startswith(OVERDUE):
            yield wording.overdue(key.removeprefix(OVERDUE))


def over_by_morning(told: Iterable[str], held: Mapping[str, str]) -> Iterator[Noted]:
    """Tell what a channel knows and was not so any more."""
    return (restored(key) for key in told if not key.startswith(FINDING) and key not in held)
