"""Sending calls: each with the token of whom it is made as, alone or many of one API in a batch."""

from collections.abc import Mapping
from http import HTTPStatus
from threading import Lock
from typing import NoReturn

from connectors.google_workspace.api.answers import body_of, raise_refusal, read_refusal
from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.api.document import Document
from connectors.google_workspace.api.services import Service
from connectors.google_workspace.sign_in import SignIn
from connectors.google_workspace.transport import Response, Transport
from toolkit.errors import BadAnswer, ServiceError, Unavailable
from toolkit.values import Body


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
        from googleapiclient.errors import HttpError

        token = self._token(call)
        try:
            return self._answer(call, token)
        except HttpError as error:
            if error.resp.status != HTTPStatus.UNAUTHORIZED:
                self._raise(call, error)
        self._sign_in.forget(call.scope, self._subject(call), token)
        try:
            return self._answer(call, self._token(call))
        except HttpError as error:
            self._raise(call, error)

    def send_batch(self, calls: Mapping[int, Call]) -> Mapping[int, Body | ServiceError]:
        """Send calls in one request and give for each its body or its error; raises where all were refused together.

        Each part carries the token of whom it is made as. One that is not answered is Unavailable.
        """
        from googleapiclient.errors import BatchError, HttpError

        outcomes: dict[int, Body | ServiceError] = {}

        def answered(number: str, answer: object, error: Exception | None) -> None:
            outcomes[int(number)] = self._outcome(calls[int(number)], answer, error)

        batch = self._document.batch(answered)
        for number, call in calls.items():
            request = self._document.request(call)
            request.headers["authorization"] = f"Bearer {self._token(call)}"
            batch.add(request, request_id=str(number))
        first = next(iter(calls.values()))
        try:
            batch.execute(http=_Signed(self._token(first), self._transport, self._traffic))
        except HttpError as error:
            self._raise(first, error)
        except BatchError as error:
            raise BadAnswer(f"a batch of {len(calls)} calls: {error}; is a web filter in between?") from error
        except KeyError as lost:
            # The library finds a part without an answer when it gives the answers out; those before it were given.
            missed = Unavailable(f"a part of a batch of {len(calls)} calls was not answered")
            missed.__cause__ = lost
            return {number: outcomes.get(number, missed) for number in calls}
        return outcomes

    def _answer(self, call: Call, token: str) -> Body:
        request = self._document.request(call)
        signed = _Signed(token, self._transport, self._traffic)
        try:
            return body_of(call, request.execute(http=signed, num_retries=0))
        except ValueError as error:
            raise BadAnswer(f"{call}: the answer is no JSON; is a web filter in between?") from error

    def _outcome(self, call: Call, answer: object, error: Exception | None) -> Body | ServiceError:
        from googleapiclient.errors import HttpError

        try:
            if isinstance(error, HttpError):
                self._raise(call, error)
            if error is not None:
                raise error
            return body_of(call, answer)
        except ServiceError as refused:
            return refused

    def _token(self, call: Call) -> str:
        return self._sign_in.token(call.scope, self._subject(call))

    def _subject(self, call: Call) -> str:
        return call.subject or self._sign_in.administrator

    def _raise(self, call: Call, error: Exception) -> NoReturn:
        ...


class _Signed:
    """What the vendor's library sends through: its requests with a token on them, once."""

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
