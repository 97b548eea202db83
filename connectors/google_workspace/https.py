"""HTTPS connections of Google's library, with limits on time and size. Loading this module loads the library."""

import http.client
from functools import partial
from typing import Any

import httplib2

from connectors.google_workspace.cloud import Cloud
from toolkit.errors import BadAnswer
from toolkit.sdk import PIECE, AnswerClock, BodyReader, Limits, with_response_time_limit

SECONDS = 60.0
"""The wait for a response. googleapiclient waits as long."""

NO_ANSWER = (OSError, httplib2.HttpLib2Error, http.client.HTTPException)
"""Errors of a connection that does not respond."""


def open_connections(cloud: Cloud) -> "Connections":
    """Return new connections, which only one request may use at a time."""
    connections = Connections(
        cloud.limits,
        timeout=SECONDS,
        ca_certs=str(cloud.ca_file) if cloud.ca_file else None,
        proxy_info=None if cloud.emulated else httplib2.proxy_info_from_environment,
    )
    connections.follow_redirects = False  # Google's APIs do not redirect, but a web filter does
    return connections


class LimitedResponse(http.client.HTTPResponse):
    """A response that is read completely and decompressed. Its size and time are limited, unlike in httplib2."""

    def __init__(self, *options: Any, limits: Limits, where: str, **named: Any) -> None:
        super().__init__(*options, **named)
        self.limits = limits
        self.where = where

    def read(self, amt: int | None = None) -> bytes:
        """Return the whole body of the response. Raise BadAnswer if it is too large."""
        if amt is not None:
            return super().read(amt)
        try:
            body = BodyReader(self.where, self.headers.get("content-encoding", ""), self.limits, status=self.status)
            while piece := super().read(PIECE):
                body.add(piece)
        except BadAnswer:
            self.close()  # otherwise the rest of the response keeps the socket open
            raise
        if self.length:
            raise http.client.IncompleteRead(b"", self.length)
        del self.headers["content-encoding"]
        return body.read_body()


class Connections(httplib2.Http):  # type: ignore[misc]  # httplib2 has no types
    """The connections for one request at a time. The time and the size of each response are limited."""

    def __init__(self, limits: Limits, **options: object) -> None:
        super().__init__(**options)
        self.limits = limits
        self.answer_clock = AnswerClock()

    def _conn_request(self, conn: "SentOnce", *request_parts: object) -> tuple[object, bytes]:
        """Send a request and return the response.

        Raise TimeoutError if the complete response does not arrive in time.
        """
        conn.keep(self.limits, self.answer_clock)
        self.answer_clock.start(self.limits.answer_seconds)
        try:
            answer: tuple[object, bytes] = super()._conn_request(conn, *request_parts)
        except (OSError, http.client.HTTPException) as error:
            if self.answer_clock.has_passed:
                within = f"{self.limits.answer_seconds:g} seconds (TOOLKIT_ANSWER_SECONDS)"
                raise TimeoutError(f"no complete response within {within}") from error
            raise
        except BadAnswer:
            conn.close()  # the rest of the response would be taken for the next response
            raise
        return answer


class SentOnce(httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]  # httplib2 has no types
    """A connection that raises an error if a response is lost. httplib2 would send the request again, even a create."""

    def keep(self, limits: Limits, clock: AnswerClock) -> None:
        with_response_time_limit(self._context, clock)
        self.response_class = partial(LimitedResponse, limits=limits, where=f"https://{self.host}")

    def getresponse(self) -> http.client.HTTPResponse:
        try:
            answer: http.client.HTTPResponse = super().getresponse()
        except http.client.BadStatusLine as no_status:
            raise ConnectionResetError("the connection was closed before the response") from no_status
        return answer
