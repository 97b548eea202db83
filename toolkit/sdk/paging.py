"""Following a list from page to page, to an end."""

import time
from collections.abc import Callable

from toolkit.errors import BadAnswer, OutOfTime
from toolkit.sdk.limits import Limits


class Paging:
    """The pages of one list: no page twice, not too many, not for too long."""

    def __init__(self, what: str, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._limits = limits
        self._clock = clock
        self._ends = clock() + limits.list_seconds
        self._visited: set[str] = set()

    def follow(self, place: object) -> str:
        """Return the link or token of the next page; BadAnswer or OutOfTime where the list is not followed there."""
        if not isinstance(place, str):
            raise BadAnswer(f"{self._what}: the next page of the list is named by something that is not text")
        if place in self._visited:
            raise BadAnswer(f"{self._what}: the list goes in a circle: a page names one that was already read")
        self._visited.add(place)
        if len(self._visited) >= self._limits.list_pages:
            raise BadAnswer(
                f"{self._what}: the list has more than {self._limits.list_pages:g} pages. To allow more, set "
                "TOOLKIT_LIST_PAGES"
            )
        if self._clock() >= self._ends:
            raise OutOfTime(
                f"{self._what}: the list was not read to its end within {self._limits.list_seconds:g} seconds. To "
                "allow more, set TOOLKIT_LIST_SECONDS"
            )
        return place
