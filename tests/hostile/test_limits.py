"""Every read ends: answers, lists and runs that reach a limit say which one and how to set it."""

import gzip
import json
import re
import zlib
from dataclasses import fields

import pytest

from connectors.google_workspace.cloud import Cloud
from connectors.google_workspace.transport import Transport
from tests.door import Door
from tests.emulated import Tenant
from tests.google_workspace.connected import target_of as google_target
from tests.hostile.listener import Reply, answer_with, drip, listening
from tests.microsoft365.connected import connect
from tests.schools import few_people
from toolkit.errors import LONGEST_ERROR, BadAnswer, Exit, OutOfTime, ServiceError, Unavailable, UsageError
from toolkit.sdk.bodies import BodyReader
from toolkit.sdk.connector import Target
from toolkit.sdk.limits import Limits, Paging, RunDeadline, read_limits

pytestmark = few_people

_QUICK = {"TOOLKIT_ANSWER_SECONDS": "0.2", "TOOLKIT_PATIENCE": "0.01"}
_SMALL = {"TOOLKIT_ANSWER_MEGABYTES": "1", "TOOLKIT_UNPACKED_MEGABYTES": "2", "TOOLKIT_PATIENCE": "0.01"}
_BOMB = gzip.compress(bytes(4 * 1024 * 1024), mtime=0)
_PACKED = "200 OK\r\nContent-Encoding: gzip"
SERVICES = ("graph", "exchange", "google")


def _ask(service: str, tenant: Tenant, address: str, limits: dict[str, str]) -> None:
    """Ask a service at an address for something, through the vendor's client that it has."""
    if service == "google":
        transport = Transport(Cloud.of_target(google_target(tenant, **limits)))
        try:
            transport.send(f"{address}/x", method="GET", body=None, headers={})
        finally:
            transport.close()
        return
    connection = connect(tenant, variables=limits)
    try:
        if service == "graph":
            connection.graph._wire.root = f"{address}/v1.0"
            connection.graph.get("/users")
        else:
            connection.exchange._wire.root = address
            connection.exchange.get("Get-Mailbox")
    finally:
        connection.close()


@pytest.mark.timing
@pytest.mark.parametrize("service", SERVICES)
def test_an_answer_that_comes_byte_by_byte_ends_at_its_limit(service: str, tenant: Tenant) -> None:
    with (
        listening(tenant.emulator.ca_file, drip(0.01)) as listener,
        pytest.raises(Unavailable, match=r"within 0.2 seconds .TOOLKIT_ANSWER_SECONDS"),
    ):
        _ask(service, tenant, listener.address, _QUICK)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer_with(_PACKED, _BOMB), "when decompressed.*TOOLKIT_UNPACKED_MEGABYTES"),
        (answer_with("200 OK", bytes(1024 * 1024 + 1)), "larger than 1 MB.*TOOLKIT_ANSWER_MEGABYTES"),
        (
            answer_with(_PACKED, gzip.compress(b"{}" * 999, mtime=0)[:-8]),
            "incomplete, because its compressed content is cut off",
        ),
        (answer_with(_PACKED, b"no gzip"), "cannot be decompressed"),
        (answer_with("200 OK\r\nContent-Encoding: br", b"\x0b"), "encoding that was not requested: 'br'"),
        (answer_with("200 OK\r\nContent-Encoding: gzip, gzip, gzip", b"x"), "compressed 3 times"),
    ],
    ids=["bomb", "large", "cut", "broken", "brotli", "thrice"],
)
def test_a_body_outside_the_limits_is_refused(service: str, tenant: Tenant, reply: Reply, words: str) -> None:
    with listening(tenant.emulator.ca_file, reply) as listener, pytest.raises(BadAnswer, match=words):
        _ask(service, tenant, listener.address, _SMALL)


@pytest.mark.parametrize("service", ["graph", "exchange"])
def test_a_long_error_of_a_service_is_cut_and_keeps_its_beginning(service: str, tenant: Tenant) -> None:
    said = {"error": {"code": "BadRequest", "message": "The value is wrong. " + "x" * 900_000}}
    reply = answer_with("400 Bad Request\r\nContent-Type: application/json", json.dumps(said).encode())

    with listening(tenant.emulator.ca_file, reply) as listener, pytest.raises(ServiceError) as refused:
        _ask(service, tenant, listener.address, _SMALL)

    assert "The value is wrong. " in str(refused.value)
    assert " characters cut] " in str(refused.value)
    assert len(str(refused.value)) <= LONGEST_ERROR


def test_an_error_within_the_limit_is_not_cut() -> None:
    text = "x " * (LONGEST_ERROR // 2)

    assert str(ServiceError(text)) == text


@pytest.mark.parametrize("length", [5_000, 3_000_000])
def test_a_longer_error_keeps_both_ends_and_names_the_size_of_the_cut(length: int) -> None:
    text = str(ServiceError("An " + "x" * 5 + " y" * ((length - 10) // 2) + " Z"))
    kept = re.sub(r" \[[\d,]+ characters cut\] ", "", text)
    (size,) = re.findall(r"\[([\d,]+) characters cut\]", text)

    assert (text[:2], text[-1]) == ("An", "Z")
    assert len(text) <= LONGEST_ERROR
    assert len(kept) + int(size.replace(",", "")) == 10 + 2 * ((length - 10) // 2)
    assert str(ServiceError(f"list of users: {text}")) == f"list of users: {text}"


@pytest.mark.parametrize("place", range(1_440, 1_510))
def test_no_word_of_a_long_error_is_cut_because_half_a_secret_would_not_be_redacted(place: int) -> None:
    secret = "secret-0123456789abcdef"
    beginning, end = "a" * (place - 2) + " ", " " + "b" * (place - 2)

    words = str(ServiceError(f"A {beginning}{secret} {'x ' * 5_000} {secret}{end} B")).split()

    assert {word for word in words if re.search("[0-9a-f]*(?:secret|cdef)", word)} <= {secret}


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", b"abc"),
        ("identity", b"abc"),
        ("gzip", gzip.compress(b"abc", mtime=0)),
        ("deflate", zlib.compress(b"abc")),
        ("deflate", zlib.compress(b"abc")[2:-4]),
        ("deflate, gzip", gzip.compress(zlib.compress(b"abc"), mtime=0)),
        ("gzip", b""),
    ],
)
def test_what_is_packed_as_it_says_is_read(encoding: str, packed: bytes) -> None:
    body = BodyReader("it", encoding, Limits())
    for byte in packed:
        body.add(bytes([byte]))

    assert body.read_body() == (b"abc" if packed else b"")


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", bytes(64)),
        ("gzip", gzip.compress(b"abc", mtime=0)[:-4]),
        ("deflate, gzip", bytes(64)),
        ("br", b"abc"),
        ("gzip, gzip, gzip", b"abc"),
    ],
)
def test_a_refusal_counts_by_its_status_where_its_body_is_not_packed_as_it_says(encoding: str, packed: bytes) -> None:
    def read(status: int) -> bytes:
        body = BodyReader("it", encoding, Limits(), status=status)
        body.add(packed)
        return body.read_body()

    assert {read(status) for status in (400, 403, 429, 503)} == {b""}
    with pytest.raises(BadAnswer):  # rows would be lost
        read(200)


def test_a_list_ends_at_a_circle_at_its_pages_and_at_its_time() -> None:
    times = iter([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    circle = Paging("GET /users", Limits())
    circle.check_next_page("a")
    circle.check_next_page("b")
    long = Paging("GET /users", Limits(list_pages=2))
    long.check_next_page("a")
    slow = Paging("GET /users", Limits(list_seconds=2), clock=lambda: next(times))
    slow.check_next_page("a")

    with pytest.raises(BadAnswer, match="the list never ends, because a page links to an earlier page"):
        circle.check_next_page("a")
    with pytest.raises(BadAnswer, match=r"more than 2 pages.*TOOLKIT_LIST_PAGES"):
        long.check_next_page("b")
    with pytest.raises(OutOfTime, match=r"within 2 seconds.*TOOLKIT_LIST_SECONDS"):
        slow.check_next_page("b")
    with pytest.raises(BadAnswer, match="not text"):
        circle.check_next_page(7)


def test_a_run_out_of_time_finishes_what_it_writes_and_starts_nothing() -> None:
    now = [0.0]
    deadline = RunDeadline(10, clock=lambda: now[0])
    deadline.check("it")
    with deadline.allow_write_to_finish():
        now[0] = 11.0
        deadline.check("the read that belongs to the write")

    with pytest.raises(OutOfTime, match=r"not read.*10 seconds.*TOOLKIT_RUN_SECONDS"):
        deadline.check("it")
    with pytest.raises(OutOfTime, match=r"not started.*10 seconds"):
        deadline.check_write("it")
    RunDeadline(None).check_write("a hold")


LIMITS = [str(limit.metadata["variable"]) for limit in fields(Limits)]


@pytest.mark.parametrize("variable", [*LIMITS, "TOOLKIT_PATIENCE"])
@pytest.mark.parametrize("written", ["soon", "-1", "inf", "nan", "1e300", "9999999"])
def test_a_setting_that_is_not_a_number_in_its_range_is_a_usage_error(variable: str, written: str) -> None:
    target = Target(name="emulator", variables={variable: written})

    with pytest.raises(UsageError, match=rf"{variable} is '{written}'. It must be a number from [\d.]+ to [\d,]+\."):
        _ = target.limits, target.patience


@pytest.mark.parametrize("variable", LIMITS)
def test_no_limit_is_zero_but_calls_need_not_be_tried_again(variable: str) -> None:
    with pytest.raises(UsageError, match=f"{variable} is '0'"):
        read_limits({variable: "0"})
    assert Target(name="emulator", variables={"TOOLKIT_PATIENCE": "0"}).patience == 0


def test_settings_are_read_before_anything_is_asked(bare_door: Door) -> None:
    answered = bare_door.toolkit("plan", TOOLKIT_ANSWER_SECONDS="soon")

    assert answered.exit == Exit.USAGE
    assert "TOOLKIT_ANSWER_SECONDS is 'soon'" in answered.err
