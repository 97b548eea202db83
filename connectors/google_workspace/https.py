"""The vendor's own HTTPS connections, as this connector wants them; loaded when something is first sent."""

import http.client
from functools import partial
from typing import Any

import httplib2

from connectors.google_workspace.cloud import Cloud
from toolkit.errors import BadAnswer
from toolkit.sdk import PIECE, AnswerClock, BodyReader, Limits, keep_time

SECONDS = 60.0
"""For an answer; what googleapiclient itself waits."""

NO_ANSWER = (OSError, httplib2.HttpLib2Error, http.client.HTTPException)
"""What a connection raises where it gives no answer."""


def open_connections(cloud: Cloud) -> "Connections":
    """Make the connections that one request at a time may use."""
    connections = Connections(
        cloud.limits,
        timeout=SECONDS,
        ca_certs=str(cloud.ca_file) if cloud.ca_file else None,
        proxy_info=None if cloud.emulated else httplib2.proxy_info_from_environment,
    )
    connections.follow_redirects = False  # Google's APIs do not redirect, a web filter does
    return connections


class LimitedResponse(http.client.HTTPResponse):
    """An answer that is read whole, within the limits, and unpacked on the way; httplib2 does neither."""

    def __init__(self, *options: Any, limits: Limits, where: str, **named: Any) -> None:
        super().__init__(*options, **named)
        self.limits = limits
        self.where = where

    def read(self, amt: int | None = None) -> bytes:
        """Read the whole body; BadAnswer where it is too large."""
        if amt is not None:
            return super().read(amt)
        try:
            body = BodyReader(self.where, self.headers.get("content-encoding", ""), self.limits, status=self.status)
            while piece := super().read(PIECE):
                body.add(piece)
        except BadAnswer:
            self.close()  # else what is left of the answer keeps the socket open
            raise
        if self.length:
            raise http.client.IncompleteRead(b"", self.length)
        del self.headers["content-encoding"]
        return body.whole()


class Connections(httplib2.Http):  # type: ignore[misc]  # httplib2 has no types
    """The connections that one request at a time may use; each answer has a time and a size."""

    def __init__(self, limits: Limits, **options: object) -> None:
        super().__init__(**options)
        self.limits = limits
        self.answer_clock = AnswerClock()

    def _conn_request(self, conn: "SentOnce", *request_parts: object) -> tuple[object, bytes]:
        """Send one request and read its answer; TimeoutError where the whole answer is not there in time."""
        conn.keep(self.limits, self.answer_clock)
        self.answer_clock.start(self.limits.answer_seconds)
        try:
            answer: tuple[object, bytes] = super()._conn_request(conn, *request_parts)
        except (OSError, http.client.HTTPException) as error:
            if self.answer_clock.has_passed:
                within = f"{self.limits.answer_seconds:g} seconds (TOOLKIT_ANSWER_SECONDS)"
                raise TimeoutError(f"no whole answer within {within}") from error
            raise
        except BadAnswer:
            conn.close()  # what is left of the answer would be taken for the next one
            raise
        return answer


class SentOnce(httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]  # httplib2 has no types
    """A connection that does not hide a lost answer: httplib2 would send the request again, creates too."""

    def keep(self, limits: Limits, clock: AnswerClock) -> None:
        keep_time(self._context, clock)
        self.response_class = partial(LimitedResponse, limits=limits, where=f"https://{self.host}")

    def getresponse(self) -> http.client.HTTPResponse:
        try:
            answer: http.client.HTTPResponse = super().getresponse()
        except http.client.BadStatusLine as no_status:
            raise ConnectionResetError("the connection was closed before the answer") from no_status
        return answer
