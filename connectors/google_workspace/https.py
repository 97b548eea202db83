"""The vendor's own HTTPS connections, as this connector wants them; loaded when something is first sent."""

import http.client

import httplib2

from connectors.google_workspace.cloud import Cloud

SECONDS = 60.0
"""For an answer; what googleapiclient itself waits."""

NO_ANSWER = (OSError, httplib2.HttpLib2Error, http.client.HTTPException)
"""What a connection raises where it gives no answer."""


def opened(cloud: Cloud) -> httplib2.Http:
    """Make the connections that one request at a time may use."""
    connections = httplib2.Http(
        timeout=SECONDS,
        ca_certs=str(cloud.ca_file) if cloud.ca_file else None,
        proxy_info=None if cloud.emulated else httplib2.proxy_info_from_environment,
    )
    connections.follow_redirects = False  # Google's APIs do not redirect, a web filter does
    return connections


class SentOnce(httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]  # httplib2 has no types
    """A connection that does not hide a lost answer: httplib2 would send the request again, creates too."""

    def getresponse(self) -> http.client.HTTPResponse:
        try:
            answer: http.client.HTTPResponse = super().getresponse()
        except http.client.BadStatusLine as lost:
            raise ConnectionResetError("the connection was closed before the answer") from lost
        return answer
