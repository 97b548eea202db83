"""A client for one API: single calls, complete lists, and batches of calls."""

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
"""Calls in one batch. Google allows 100 and recommends at most 50."""


Outcome = Callable[[Body], Body]


def _unchanged_body(answer: Body) -> Body:
    return answer


class Api:
    """A client for one API. Its methods raise the errors of toolkit.errors.

    In a read-only run, a method raises WriteInReadOnlyRun instead of sending a write.
    """

    def __init__(self, wire: Wire, caller: Caller, *, limits: Limits, pace: Pace, read_only: bool) -> None:
        self._wire = wire
        self._caller = caller
        self._limits = limits
        self._pace = pace
        self._read_only = read_only
        self._tells_apart = True  # whether the API keeps the people of a batch apart, as far as this run has seen

    def read(self, call: Call) -> Body:
        """Send a call that reads. Raise ValueError if the call is not known to be a read."""
        self._check_read(call)
        return self._caller.read(str(call), lambda: self._send_once(call), request=call)

    def pages(self, call: Call, items: str) -> Sequence[Body]:
        """Read all pages of a list, even if a page in the middle is empty. Raise an error if any page fails."""
        return list(self.rows(call, items))

    def rows(self, call: Call, items: str) -> Iterator[Body]:
        """Yield the rows of a list page by page, without storing them. Raise an error if any page fails."""
        self._check_read(call)
        before = 0
        paging = self.paging(call)
        page: Call | None = call
        while page:
            answer = self._read_page(call, page, before=before)
            rows = to_rows(call, answer, items)
            yield from rows
            before += len(rows)
            page = _next_page(call, answer, paging)

    def lists(self, calls: Sequence[Call], items: str) -> Sequence[Sequence[Body] | ServiceError]:
        """Read all pages of several lists, many pages in a request. Return the rows or the error of each list."""
        return [_join_rows(call, list_pages, items) for call, list_pages in zip(calls, self.whole(calls), strict=True)]

    def whole(self, calls: Sequence[Call]) -> Sequence[Sequence[Body] | ServiceError]:
        """Read all pages of several lists, many pages in a request. Return the pages or the error of each list."""
        pages: list[list[Body]] = [[] for _ in calls]
        failed: dict[int, ServiceError] = {}
        pagings = [self.paging(call) for call in calls]
        waiting = dict(enumerate(calls))
        while waiting:
            requested, waiting = waiting, {}
            for number, answer in zip(requested, self.batch(list(requested.values())), strict=True):
                try:
                    next_page = self._add_page(calls[number], answer, pages[number], pagings[number])
                except ServiceError as error:
                    failed[number] = error
                    continue
                if next_page:
                    waiting[number] = next_page
        return [failed.get(number) or list_pages for number, list_pages in enumerate(pages)]

    def paging(self, call: Call) -> Paging:
        """Return a new `Paging`, which follows the pages of a list."""
        return Paging(str(call), self._limits)

    def batch(self, calls: Sequence[Call]) -> Sequence[Body | ServiceError]:
        """Send many reads or changes, 50 in a request, and return each body or error, in the same order.

        Only calls with a temporary failure are sent again, so a batch may not create anything. Reads may act as several
        people. An error that would affect every call is raised, as in `for_each`.
        """
        self._refuse_write(*calls)
        check_batch(calls)
        numbered = list(enumerate(calls))
        outcomes: dict[int, Body | ServiceError] = {}
        for start in range(0, len(numbered), MOST):
            part = dict(numbered[start : start + MOST])
            outcomes.update(
                self._read_several_people(part) if have_several_subjects(part.values()) else self._send_together(part)
            )
        return [outcomes[number] for number, _ in numbered]

    def change(self, call: Call, *, outcome: Outcome = _unchanged_body) -> Body:
        """Send a call that sets a value, so that sending it twice does no harm.

        `outcome` parses the response of a service that reports a failed write with a success status.
        """
        self._refuse_write(call)
        return self._caller.change(str(call), lambda: outcome(self._send_once(call)))

    def create(
        self, call: Call, look: Callable[[], Body | None], *, settles: float = 0.0, outcome: Outcome = _unchanged_body
    ) -> Body:
        """Create an object and return the response. `look` finds the object if an earlier attempt had no response."""
        self._refuse_write(call)
        return self._caller.create(str(call), lambda: outcome(self._send_once(call)), look, settles=settles)

    def delete(self, call: Call, *, outcome: Outcome = _unchanged_body) -> None:
        """Delete an object. If it was already gone when the call was repeated, that is a success."""
        self._refuse_write(call)
        self._caller.delete(str(call), lambda: outcome(self._send_once(call)))

    def once(self, call: Call) -> Body:
        """Send a call whose effect cannot be checked.

        The call is not repeated after an attempt without a response, because that attempt may have worked.
        """
        self._refuse_write(call)
        return self._caller.once(str(call), lambda: self._send_once(call))

    def _check_read(self, call: Call) -> None:
        if not call.reads:
            self._refuse_write(call)
            raise ValueError(f"{call.method} is not a read")

    def _refuse_write(self, *calls: Call) -> None:
        if self._read_only:
            refuse_writes(*calls)

    def _send_once(self, call: Call) -> Body:
        self._pace.wait()
        return self._wire.send(call)

    def _read_page(self, call: Call, page: Call, *, before: int) -> Body:
        """Read one page. If a page after the first is refused, raise BadAnswer, because the list is incomplete."""
        try:
            return self._caller.read(str(call), partial(self._send_once, page), request=page)
        except Transient:
            raise
        except ServiceError as error:
            if not before:
                raise
            raise BadAnswer(f"{call}: the list was cut short after {before} entries: {error}") from error

    def _add_page(self, call: Call, answer: Body | ServiceError, pages: list[Body], paging: Paging) -> Call | None:
        """Add a page to its list and return the call for the next page."""
        pages.append(answered(answer))
        return _next_page(call, pages[-1], paging)

    def _read_several_people(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        """Send reads for several people in batches.

        They are sent singly if this run has seen that the API confuses the people in a batch.
        """
        if not self._tells_apart:
            return self._read_singly(calls)
        outcomes = self._send_together(calls)
        first = next(iter(calls.values()))
        if missing_rights := [
            outcome for outcome in outcomes.values() if isinstance(outcome, Refused) and outcome.missing
        ]:
            raise missing_rights[0]
        others = {n: call for n, call in calls.items() if call.subject != first.subject}
        refused = {n: call for n, call in others.items() if isinstance(outcomes[n], Refused | NotFound)}
        again = self._read_singly(refused)
        if any(isinstance(outcome, Mapping) for outcome in again.values()):
            self._tells_apart = False
        return {**outcomes, **again}

    def _read_singly(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        return dict(zip(calls, for_each(list(calls.values()), self.read), strict=True))

    def _send_together(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        description = ", ".join(dict.fromkeys(map(str, calls.values())))
        return self._caller.together(
            description, calls, self._send_batch, reads=all(call.reads for call in calls.values())
        )

    def _send_batch(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        self._pace.wait()
        return self._wire.send_batch(calls)


def _join_rows(call: Call, pages: Sequence[Body] | ServiceError, items: str) -> Sequence[Body] | ServiceError:
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
