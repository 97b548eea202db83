"""Sends calls to one API, singly or in a batch. A call has the access token of the person that it acts as."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from connectors.google_workspace.api.answers import body_of, read_refusal, to_error
from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.api.services import Document, Service
from connectors.google_workspace.people import for_each
from connectors.google_workspace.sign_in import SignIn
from connectors.google_workspace.transport import Response, Transport
from toolkit.errors import BadAnswer, Refused, RequestFailed, ServiceError, SignInRefused, Unavailable, answered
from toolkit.sdk import path_without_people
from toolkit.values import Body

if TYPE_CHECKING:
    from googleapiclient.errors import HttpError


class Traffic:
    """Counts the requests of a run to all services, without sign-in, and keeps the time of the last response."""

    def __init__(self) -> None:
        self.sent = 0
        self.last_date: str | None = None  # the time of the last response, by the service's clock
        self._counting = Lock()

    def count(self) -> None:
        with self._counting:
            self.sent += 1


class Wire:
    """A connection to one API."""

    def __init__(
        self, service: Service, document: Document, sign_in: SignIn, transport: Transport, traffic: Traffic
    ) -> None:
        self._service = service
        self._document = document
        self._sign_in = sign_in
        self._transport = transport
        self._traffic = traffic

    def send(self, call: Call) -> Body:
        """Send one call. If the service refuses the token, send the call once more with a new token."""
        outcome = self._send_signed(call, self._add_token(call))
        if isinstance(outcome, SignInRefused):
            self._forget_token(call)
            outcome = self._send_signed(call, self._add_token(call))
        return answered(outcome)

    def send_batch(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        """Send calls in one request, and return the body or the error of each.

        Raise an error if the whole request is refused. Every part has the token of the person that it acts as. No live
        tenant has yet shown whether Gmail uses the token of a part, so it may refuse the parts of all people but the
        first (see `Api.batch`).
        """
        outcomes = dict(self._send_with_tokens(calls))
        stale = {number: calls[number] for number, part in outcomes.items() if isinstance(part, SignInRefused)}
        if stale:
            for call in stale.values():
                self._forget_token(call)
            outcomes.update(self._send_with_tokens(stale))
        first = next(iter(calls.values()))
        for number in stale:
            outcome = outcomes[number]
            if isinstance(outcome, SignInRefused) and calls[number].subject == first.subject:
                raise outcome
        return {number: _to_part_outcome(outcome) for number, outcome in outcomes.items()}

    def _send_signed(self, call: Call, signed: "_Signed") -> Body | RequestFailed:
        from googleapiclient.errors import HttpError

        try:
            return body_of(call, self._document.request(call).execute(http=signed, num_retries=0))
        except HttpError as error:
            return self._to_error(call, error)
        except RecursionError as error:
            raise BadAnswer(f"{call}: the response is nested too deep") from error
        except ValueError as error:
            raise BadAnswer(f"{call}: the response is not JSON. Is a web filter in the way?") from error

    def _send_with_tokens(self, calls: Mapping[int, Call]) -> Mapping[int, Body | RequestFailed]:
        """Send the calls of people whose tokens Google issues. The outcome of every other call is its sign-in error."""
        tokens = self._get_tokens(list(calls.values()))
        failures = {
            n: token
            for n, call in calls.items()
            if isinstance(token := tokens[self._choose_subject(call)], ServiceError)
        }
        signed = {n: (call, str(tokens[self._choose_subject(call)])) for n, call in calls.items() if n not in failures}
        return {**failures, **self._send_batch_parts(signed)} if signed else failures

    def _get_tokens(self, calls: Sequence[Call]) -> Mapping[str, str | ServiceError]:
        """Return an access token or the sign-in error for each person. A few people sign in at a time."""
        scope = calls[0].scope
        people = list(dict.fromkeys(self._choose_subject(call) for call in calls))
        tokens = for_each(people, lambda person: self._sign_in.token(scope, person))
        return dict(zip(people, tokens, strict=True))

    def _send_batch_parts(self, signed: Mapping[int, tuple[Call, str]]) -> Mapping[int, Body | RequestFailed]:
        from googleapiclient.errors import BatchError, HttpError

        first, token = next(iter(signed.values()))
        description = f"a batch of {len(signed)} calls of {first.method}"
        outcomes: dict[int, Body | RequestFailed] = {}

        def store_part(part_id: str, answer: object, error: Exception | None) -> None:
            outcomes[int(part_id)] = self._to_outcome(signed[int(part_id)][0], answer, error)

        batch = self._document.batch(store_part)
        for number, (call, part_token) in signed.items():
            request = self._document.request(call)
            # Only the outer request names the program. With the name in every part, a batch takes twice
            # as long to write.
            headers = {name: value for name, value in request.headers.items() if name == "content-type"}
            request.headers = {**headers, "authorization": f"Bearer {part_token}"}
            batch.add(request, request_id=str(number))
        try:
            batch.execute(http=_Signed(token, self._transport, self._traffic))
        except HttpError as error:
            refusal = self._to_error(first, error)
            if isinstance(refusal, SignInRefused):
                return dict.fromkeys(signed, refusal)
            raise refusal from error
        except (BatchError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
            raise BadAnswer(
                f"{description}: the response does not belong to a batch. Is a web filter in the way?"
            ) from error
        except KeyError:
            # The library raises this before it returns any part, if a part has no response. All parts are sent again.
            pass
        unanswered = Unavailable(f"{description}: a part of the batch got no response")
        return {number: outcomes.get(number, unanswered) for number in signed}

    def _to_outcome(self, call: Call, answer: object, error: "HttpError | None") -> Body | RequestFailed:
        try:
            return body_of(call, answer) if error is None else self._to_error(call, error)
        except ServiceError as refused:
            return refused

    def _to_error(self, call: Call, error: "HttpError") -> RequestFailed:
        status = getattr(getattr(error, "resp", None), "status", None)
        if not isinstance(status, int):  # a part of a batch without a status line
            return BadAnswer(f"{call}: the response does not belong to this call. Is a web filter in the way?")
        refusal = read_refusal(status, error.resp, error.content)
        meant = to_error(call, self._service, refusal)
        request = self._document.request(call)
        meant.request = f"{request.method} {path_without_people(request.uri)}, status {status}"
        meant.__cause__ = error
        return meant

    def _add_token(self, call: Call) -> "_Signed":
        token = self._sign_in.token(call.scope, self._choose_subject(call))
        return _Signed(token, self._transport, self._traffic)

    def _forget_token(self, call: Call) -> None:
        self._sign_in.forget(call.scope, self._choose_subject(call))

    def _choose_subject(self, call: Call) -> str:
        return call.subject or self._sign_in.administrator


def _to_part_outcome(outcome: Body | RequestFailed) -> Body | ServiceError:
    """Return the outcome of a part of a batch.

    If its token was refused, return Refused, so that `Api` sends the call again on its own.
    """
    if isinstance(outcome, RequestFailed) and not isinstance(outcome, ServiceError):
        return Refused(str(outcome))
    return outcome


class _Signed:
    """The transport for Google's library. It adds an access token to each request, and sends no request twice."""

    def __init__(self, token: str, transport: Transport, traffic: Traffic) -> None:
        self._token = token
        self._transport = transport
        self._traffic = traffic

    def request(
        self, uri: str, method: str, *, body: str | bytes | None, headers: Mapping[str, str]
    ) -> tuple[Response, bytes]:
        self._traffic.count()
        signed = {**headers, "authorization": f"Bearer {self._token}"}
        response, content = self._transport.send(uri, method=method, body=body, headers=signed)
        self._traffic.last_date = response.get("date") or self._traffic.last_date
        return response, content
