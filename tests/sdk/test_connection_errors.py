"""An address without a response is described in plain words, however a client library reports it."""

import socket

import httplib2
import pytest
import requests

from toolkit.sdk import connection_error_text


@pytest.fixture
def closed_port() -> int:
    """A port of this computer on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_a_refused_connection_is_one_plain_line(closed_port: int) -> None:
    address = f"http://127.0.0.1:{closed_port}/"

    with pytest.raises(requests.ConnectionError) as by_requests:
        requests.get(address, timeout=600)
    with pytest.raises(ConnectionRefusedError) as by_httplib2:
        httplib2.Http(timeout=600).request(address)

    assert connection_error_text(by_requests.value) == "the connection was refused"
    assert connection_error_text(by_httplib2.value) == "the connection was refused"


def test_a_refusing_proxy_is_named(closed_port: int) -> None:
    proxies = {"http": f"http://127.0.0.1:{closed_port}", "https": f"http://127.0.0.1:{closed_port}"}

    with pytest.raises(requests.ConnectionError) as error:
        requests.get("https://graph.example/", proxies=proxies, timeout=600)

    assert connection_error_text(error.value) == "the proxy (HTTPS_PROXY) refused the connection"
