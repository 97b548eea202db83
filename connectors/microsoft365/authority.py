"""HTTP requests to a tenant's sign-in service, made without the vendor's credential classes."""

from collections.abc import Mapping

from connectors.microsoft365.cloud import CONNECT_SECONDS, READ_SECONDS, Cloud
from connectors.microsoft365.replies import Reply, raise_unreachable, read_reply
from toolkit.errors import Unavailable
from toolkit.sdk import is_temporary_status, retry_after


def send_to_authority(cloud: Cloud, method: str, url: str, form: Mapping[str, str] | None = None) -> Reply:
    """Send a form to the sign-in service, or read a document that it publishes.

    Raise Unavailable if the service fails or cannot be reached.
    """
    import requests

    from connectors.microsoft365.transports import open_session

    try:
        with open_session(cloud) as session:
            response = session.request(
                method, url, data=form, allow_redirects=False, verify=cloud.verify,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            )  # fmt: skip
    except requests.RequestException as error:
        raise_unreachable(cloud.authority, error)
    if is_temporary_status(response.status_code):
        raise Unavailable(
            f"the sign-in service at {cloud.authority} fails: {response.status_code}",
            retry_after=retry_after(response.headers),
        )
    return read_reply(response.status_code, response.headers, response.content, what=f"{method} {url}")
