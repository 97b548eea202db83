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


def _return_unchanged(answer: Body) -> Body:
    return answer


class Api:
    """A client for one Google API. Every method raises the exceptions of toolkit.errors.

    In a read-only run, a method raises WriteInReadOnlyRun instead of sending a change.
    """

    def __init__(self, wire: Wire, caller: Caller, *, limits: Limits, pace: Pace, read_only: bool) -> None:
        self._wire = wire
        self._caller = caller
        self._limits = limits
        self._pace = pace
        self._read_only = read_only
        self._tells_apart = True  # whether the API keeps the people of a batch apart, as far as this run has seen

    def read(self, call: Call) -> Body:
        """Send a call that reads, and return the response. Raise ValueError if the call may change something."""
        self._check_read(call)
        return self._caller.read(str(call), lambda: self._send_once(call), request=call)

    def pages(self, call: Call, items: str) -> Sequence[Body]:
        """Return the rows of all pages of a list, even after an empty page. Raise an error if a page cannot be read."""
        return list(self.rows(call, items))

    def rows(self, call: Call, items: str) -> Iterator[Body]:
        """Yield the rows of a list page by page, without storing the list. Raise an error if a page cannot be read."""
        self._check_read(call)
        before = 0
        paging = self.paging(call)
        page: Call | None = call
        while page:
            answer = self._read_page(call, page, before=before)
            rows = to_rows(call, answer, items)
            yield from rows
            before += len(rows)
            page = _make_next_page_call(call, answer, paging)

    def lists(self, calls: Sequence[Call], items: str) -> Sequence[Sequence[Body] | ServiceError]:
        """Return the rows or the error of each of several lists. One request reads pages of many lists."""
        return [
            _join_rows(call, list_pages, items)
            for call, list_pages in zip(calls, self.pages_of_lists(calls), strict=True)
        ]

    def pages_of_lists(self, calls: Sequence[Call]) -> Sequence[Sequence[Body] | ServiceError]:
        """Return all pages, or the error, of each of several lists. One request reads pages of many lists."""
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
        """Return an object that counts the pages of a list and limits their number and size."""
        return Paging(str(call), self._limits)

    def batch(self, calls: Sequence[Call]) -> Sequence[Body | ServiceError]:
        """Send calls, 50 in a request, and return the body or the error of each call, in order.

        Calls that failed with a temporary error are sent again, so no call may create an object. Calls that read may
        act as several people. Raise an error that every call would get, such as a refused sign-in.
        """
        self._refuse_write(*calls)
        check_batch(calls)
        numbered = list(enumerate(calls))
        outcomes: dict[int, Body | ServiceError] = {}
        for start in range(0, len(numbered), MOST):
            part = dict(numbered[start : start + MOST])
            outcomes.update(
                self._read_for_several_people(part)
                if have_several_subjects(part.values())
                else self._send_together(part)
            )
        return [outcomes[number] for number, _ in numbered]

    def change(self, call: Call, *, outcome: Outcome = _return_unchanged) -> Body:
        """Send a call that sets a value, and return the response. Sending the call twice does no harm.

        `outcome` checks the response, because some services report a failed change with a success status.
        """
        self._refuse_write(call)
        return self._caller.change(str(call), lambda: outcome(self._send_once(call)))

    def create(
        self,
        call: Call,
        find_existing: Callable[[], Body | None],
        *,
        settles: float = 0.0,
        outcome: Outcome = _return_unchanged,
    ) -> Body:
        """Create an object and return the response.

        If there was no response, `find_existing` searches for the object.
        """
        self._refuse_write(call)
        return self._caller.create(str(call), lambda: outcome(self._send_once(call)), find_existing, settles=settles)

    def delete(self, call: Call, *, outcome: Outcome = _return_unchanged) -> None:
        """Delete an object. If a repeated call does not find the object, it counts as deleted."""
        self._refuse_write(call)
        self._caller.delete(str(call), lambda: outcome(self._send_once(call)))

    def send_once(self, call: Call) -> Body:
        """Send a call whose effect cannot be checked, and return the response.

        The call is not sent again after an attempt without a response, because that attempt may have worked.
        """
        self._refuse_write(call)
        return self._caller.send_once(str(call), lambda: self._send_once(call))

    def _check_read(self, call: Call) -> None:
        if not call.reads:
            self._refuse_write(call)
            raise ValueError(f"{call.method} is not a method that only reads")

    def _refuse_write(self, *calls: Call) -> None:
        if self._read_only:
            refuse_writes(*calls)

    def _send_once(self, call: Call) -> Body:
        self._pace.wait()
        return self._wire.send(call)

    def _read_page(self, call: Call, page: Call, *, before: int) -> Body:
        """Return one page of a list.

        Raise BadAnswer if a page after the first is refused, because the list is incomplete.
        """
        try:
            return self._caller.read(str(call), partial(self._send_once, page), request=page)
        except Transient:
            raise
        except ServiceError as error:
            if not before:
                raise
            raise BadAnswer(f"{call}: the list ended too early, after {before} entries: {error}") from error

    def _add_page(self, call: Call, answer: Body | ServiceError, pages: list[Body], paging: Paging) -> Call | None:
        """Add a page to the pages of its list. Return the call for the next page, or None if this page is the last."""
        pages.append(answered(answer))
        return _make_next_page_call(call, pages[-1], paging)

    def _read_for_several_people(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        """Send calls that read for several people in batches, and return the outcome of each call.

        The calls are sent singly if the API has refused a batch for several people in this run.
        """
        if not self._tells_apart:
            return self._read_one_by_one(calls)
        outcomes = self._send_together(calls)
        first = next(iter(calls.values()))
        if missing_rights := [
            outcome for outcome in outcomes.values() if isinstance(outcome, Refused) and outcome.missing
        ]:
            raise missing_rights[0]
        others = {n: call for n, call in calls.items() if call.subject != first.subject}
        refused = {n: call for n, call in others.items() if isinstance(outcomes[n], Refused | NotFound)}
        again = self._read_one_by_one(refused)
        if any(isinstance(outcome, Mapping) for outcome in again.values()):
            self._tells_apart = False
        return {**outcomes, **again}

    def _read_one_by_one(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        return dict(zip(calls, for_each(list(calls.values()), self.read), strict=True))

    def _send_together(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        description = ", ".join(dict.fromkeys(map(str, calls.values())))
        return self._caller.send_together(
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


def _make_next_page_call(call: Call, answer: Body, paging: Paging) -> Call | None:
    token = next_token(call, answer)
    if not token:
        return None
    return Call(call.method, {**call.parameters, "pageToken": paging.check_next_page(token)}, subject=call.subject)
