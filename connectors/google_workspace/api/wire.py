"""Sending calls: each with the token of whom it is made as, alone or many of one kind in a batch."""

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from connectors.google_workspace.api.answers import body_of, meaning, read_refusal
from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.api.document import Document
from connectors.google_workspace.api.services import Service
from connectors.google_workspace.sign_in import SignIn
from connectors.google_workspace.transport import Response, Transport
from toolkit.errors import BadAnswer, ServiceError, SignInRefused, Unavailable
from toolkit.values import Body

if TYPE_CHECKING:
    from googleapiclient.errors import HttpError


class Traffic:
    """What is known of the requests that one run has sent to any service, sign-in left out."""

    def __init__(self) -> None:
        self.sent = 0
        self.last_date: str | None = None  # when a service last answered, as it says
        self._counting = Lock()

    def count(self) -> None:
        with self._counting:
            self.sent += 1


class Wire:
    """The way to one API."""

    def __init__(
        self, service: Service, document: Document, sign_in: SignIn, transport: Transport, traffic: Traffic
    ) -> None:
        self._service = service
        self._document = document
        self._sign_in = sign_in
        self._transport = transport
        self._traffic = traffic

    def send(self, call: Call) -> Body:
        """Send one call, and once more with a new token where the service refuses the old one."""
        outcome = self._sent(call, self._signed(call))
        if isinstance(outcome, SignInRefused):
            self._forget_token(call)
            outcome = self._sent(call, self._signed(call))
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome

    def send_batch(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        """Send calls in one request and give for each its body or its error; raises where all were refused together.

        They share one token: whether parts of a live batch may be made as different people is not documented.
        """
        first, *others = calls.values()
        if any((one.scope, one.subject) != (first.scope, first.subject) for one in others):
            raise ValueError("the calls of a batch must be made as one person within one scope")
        outcomes = self._sent_together(calls, self._signed(first))
        stale = {number: calls[number] for number, one in outcomes.items() if isinstance(one, SignInRefused)}
        if not stale:
            return outcomes
        self._forget_token(first)
        renewed = self._sent_together(stale, self._signed(first))
        if refused := [one for one in renewed.values() if isinstance(one, SignInRefused)]:
            raise refused[0]
        return {**outcomes, **renewed}

    def _sent(self, call: Call, signed: "_Signed") -> Body | ServiceError:
        from googleapiclient.errors import HttpError

        try:
            return body_of(call, self._document.request(call).execute(http=signed, num_retries=0))
        except HttpError as error:
            return self._meaning(call, error)
        except ValueError as error:
            raise BadAnswer(f"{call}: the answer is no JSON; is a web filter in between?") from error

    def _sent_together(self, calls: Mapping[int, Call], signed: "_Signed") -> Mapping[int, Body | ServiceError]:
        from googleapiclient.errors import BatchError, HttpError

        what = f"a batch of {len(calls)} calls of {next(iter(calls.values())).method}"
        outcomes: dict[int, Body | ServiceError] = {}

        def answered(number: str, answer: object, error: Exception | None) -> None:
            outcomes[int(number)] = self._outcome(calls[int(number)], answer, error)

        batch = self._document.batch(answered)
        for number, call in calls.items():
            batch.add(self._document.request(call), request_id=str(number))
        try:
            batch.execute(http=signed)
        except HttpError as error:
            refusal = self._meaning(next(iter(calls.values())), error)
            if isinstance(refusal, SignInRefused):
                return dict.fromkeys(calls, refusal)
            raise refusal from error
        except (BatchError, ValueError) as error:
            raise BadAnswer(f"{what}: the answer is none to a batch; is a web filter in between?") from error
        except KeyError:
            # What the library says of a part without an answer, before it gives out any: all are sent again.
            pass
        unanswered = Unavailable(f"{what}: a part was not answered")
        return {number: outcomes.get(number, unanswered) for number in calls}

    def _outcome(self, call: Call, answer: object, error: "HttpError | None") -> Body | ServiceError:
        if error is not None:
            return self._meaning(call, error)
        try:
            return body_of(call, answer)
        except ServiceError as refused:
            return refused

    def _meaning(self, call: Call, error: "HttpError") -> ServiceError:
        refusal = read_refusal(int(error.resp.status), error.resp, error.content)
        meant = meaning(call, self._service, refusal)
        meant.__cause__ = error
        return meant

    def _signed(self, call: Call) -> "_Signed":
        token = self._sign_in.token(call.scope, self._subject(call))
        return _Signed(token, self._transport, self._traffic)

    def _forget_token(self, call: Call) -> None:
        self._sign_in.forget(call.scope, self._subject(call))

    def _subject(self, call: Call) -> str:
        return call.subject or self._sign_in.administrator


class _Signed:
    """What the vendor's library sends through: each request with a token on it, once."""

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
