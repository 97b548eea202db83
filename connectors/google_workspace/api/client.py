"""The client of one API: a call, a list to its end, or many calls in a batch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from connectors.google_workspace.api.answers import next_token, to_rows
from connectors.google_workspace.api.calls import Call, check_batch, have_several_subjects, refuse_writes
from connectors.google_workspace.api.wire import Wire
from connectors.google_workspace.people import for_each
from toolkit.errors import BadAnswer, NotFound, Refused, ServiceError, Transient, answered
from toolkit.sdk import Caller, Limits, Pace, Paging
from toolkit.values import Body

MOST = 50
"""Calls in one batch: a hundred are allowed, more than fifty not recommended."""


Outcome = Callable[[Body], Body]


def _unchanged_body(answer: Body) -> Body:
    return answer


class Api:
    """One API. Every method raises the errors of toolkit.errors, and WriteInReadOnlyRun before anything is sent."""

    def __init__(self, wire: Wire, caller: Caller, *, limits: Limits, pace: Pace, read_only: bool) -> None:
        self._wire = wire
        self._caller = caller
        self._limits = limits
        self._pace = pace
        self._read_only = read_only
        self._tells_apart = True  # the people of a batch, as far as this run has seen

    def read(self, call: Call) -> Body:
        """Send a call that reads; ValueError for one that is not known to."""
        self._check_read(call)
        return self._caller.read(str(call), lambda: self._send_once(call), request=call)

    def pages(self, call: Call, items: str) -> Sequence[Body]:
        """Read a list to its end, an empty page among the others or not; raises where any page of it fails."""
        return list(self.rows(call, items))

    def rows(self, call: Call, items: str) -> Iterator[Body]:
        """Give the rows of a list page by page, so that none is kept here; raises where any page of it fails."""
        self._check_read(call)
        before = 0
        paging = self.paging(call)
        page: Call | None = call
        while page:
            answer = self._page(call, page, before=before)
            rows = to_rows(call, answer, items)
            yield from rows
            before += len(rows)
            page = _next_page(call, answer, paging)

    def lists(self, calls: Sequence[Call], items: str) -> Sequence[Sequence[Body] | ServiceError]:
        """Read many lists to their ends, their pages together, and give for each its rows or its error."""
        return [_rows(call, list_pages, items) for call, list_pages in zip(calls, self.whole(calls), strict=True)]

    def whole(self, calls: Sequence[Call]) -> Sequence[Sequence[Body] | ServiceError]:
        """Read many lists to their ends, their pages together, and give for each its pages or its error."""
        pages: list[list[Body]] = [[] for _ in calls]
        failed: dict[int, ServiceError] = {}
        pagings = [self.paging(call) for call in calls]
        waiting = dict(enumerate(calls))
        while waiting:
            requested, waiting = waiting, {}
            for number, answer in zip(requested, self.batch(list(requested.values())), strict=True):
                try:
                    next_page = self._collect(calls[number], answer, pages[number], pagings[number])
                except ServiceError as error:
                    failed[number] = error
                    continue
                if next_page:
                    waiting[number] = next_page
        return [failed.get(number) or list_pages for number, list_pages in enumerate(pages)]

    def paging(self, call: Call) -> Paging:
        """Begin to follow a list from page to page."""
        return Paging(str(call), self._limits)

    def batch(self, calls: Sequence[Call]) -> Sequence[Body | ServiceError]:
        """Send many reads or changes, fifty in a request, and give for each its body or its error, in their order.

        Only the parts that failed and may go through are sent again, so nothing that creates may be among them. Reads
        may be of several people; what would befall all of these is raised, as `for_each` does.
        """
        self._guard(*calls)
        check_batch(calls)
        numbered = list(enumerate(calls))
        outcomes: dict[int, Body | ServiceError] = {}
        for start in range(0, len(numbered), MOST):
            part = dict(numbered[start : start + MOST])
            outcomes.update(
                self._read_several_people(part) if have_several_subjects(part.values()) else self._together(part)
            )
        return [outcomes[number] for number, _ in numbered]

    def change(self, call: Call, *, outcome: Outcome = _unchanged_body) -> Body:
        """Send what sets content, so that sent twice it does no more than once.

        `outcome` reads the answer of a service that tells in a good answer how a write ended.
        """
        self._guard(call)
        return self._caller.change(str(call), lambda: outcome(self._send_once(call)))

    def create(
        self, call: Call, look: Callable[[], Body | None], *, settles: float = 0.0, outcome: Outcome = _unchanged_body
    ) -> Body:
        """Make something and give the answer; `look` finds what an attempt without an answer may have made."""
        self._guard(call)
        return self._caller.create(str(call), lambda: outcome(self._send_once(call)), look, settles=settles)

    def delete(self, call: Call, *, outcome: Outcome = _unchanged_body) -> None:
        """Remove something; that it is gone when sent again is what was wanted."""
        self._guard(call)
        self._caller.delete(str(call), lambda: outcome(self._send_once(call)))

    def once(self, call: Call) -> Body:
        """Send what cannot be looked for afterwards: not again where an attempt without an answer may have done it."""
        self._guard(call)
        return self._caller.once(str(call), lambda: self._send_once(call))

    def _check_read(self, call: Call) -> None:
        if not call.reads:
            self._guard(call)
            raise ValueError(f"{call.method} is not a read")

    def _guard(self, *calls: Call) -> None:
        if self._read_only:
            refuse_writes(*calls)

    def _send_once(self, call: Call) -> Body:
        self._pace.wait()
        return self._wire.send(call)

    def _page(self, call: Call, page: Call, *, before: int) -> Body:
        """Read one page; that a later one is refused says nothing of the list, only that its rest is missing."""
        try:
            return self._caller.read(str(call), partial(self._send_once, page), request=page)
        except Transient:
            raise
        except ServiceError as error:
            if not before:
                raise
            raise BadAnswer(f"{call}: the list was cut short after {before} entries: {error}") from error

    def _collect(self, call: Call, answer: Body | ServiceError, pages: list[Body], paging: Paging) -> Call | None:
        """Add one page to its list and give the call of the next."""
        pages.append(answered(answer))
        return _next_page(call, pages[-1], paging)

    def _read_several_people(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        """Read of several people: together, unless this run has seen that the service does not tell them apart."""
        if not self._tells_apart:
            return self._one_by_one(calls)
        outcomes = self._together(calls)
        first = next(iter(calls.values()))
        if missing_rights := [
            outcome for outcome in outcomes.values() if isinstance(outcome, Refused) and outcome.missing
        ]:
            raise missing_rights[0]
        others = {n: call for n, call in calls.items() if call.subject != first.subject}
        refused = {n: call for n, call in others.items() if isinstance(outcomes[n], Refused | NotFound)}
        again = self._one_by_one(refused)
        if any(isinstance(outcome, Mapping) for outcome in again.values()):
            self._tells_apart = False
        return {**outcomes, **again}

    def _one_by_one(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        return dict(zip(calls, for_each(list(calls.values()), self.read), strict=True))

    def _together(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        description = ", ".join(dict.fromkeys(map(str, calls.values())))
        return self._caller.together(
            description, calls, self._send_batch, reads=all(call.reads for call in calls.values())
        )

    def _send_batch(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        self._pace.wait()
        return self._wire.send_batch(calls)


def _rows(call: Call, pages: Sequence[Body] | ServiceError, items: str) -> Sequence[Body] | ServiceError:
    if isinstance(pages, ServiceError):
        return pages
    try:
        return [row for page in pages for row in to_rows(call, page, items)]
    except ServiceError as error:
        return error


def _next_page(call: Call, answer: Body, paging: Paging) -> Call | None:
    token = next_token(call, answer)
    if not token:
        return None
    return Call(call.method, {**call.parameters, "pageToken": paging.follow(token)}, subject=call.subject)
