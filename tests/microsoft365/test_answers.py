"""What single answers of Exchange, Graph and Defender mean, down to those that no emulator gives."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.microsoft365.defender import DEFENDER
from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.service import EXCHANGE, to_rows
from connectors.microsoft365.graph.service import GRAPH, GraphRequest
from connectors.microsoft365.http import ServiceRequest, body_of
from connectors.microsoft365.http import to_rows as page_rows
from connectors.microsoft365.replies import Reply, read_part, read_reply
from toolkit.errors import (
    BadAnswer,
    Conflict,
    NotFound,
    Refused,
    Rejected,
    RequestFailed,
    SignInRefused,
    Throttled,
    Unavailable,
)
from toolkit.sdk.replies import retry_after
from toolkit.values import Body, Json

PLAIN: Mapping[str, str] = {}


def cmdlet_error(kind: str, text: str = "why", inner: str = "Exception of type 'X' was thrown.") -> Body:
    """Word an error as Exchange does: the reason stands last in the details."""
    internal: Body = {"message": inner, "type": "X"}
    detail: Body = {"message": f"Ex6F9304|{kind}|{text}"}
    inside: Body = {"internalexception": internal}
    error: Body = {"code": "BadRequest", "message": "Invalid Operation", "details": [detail], "innererror": inside}
    return {"error": error}


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (400, cmdlet_error("System.ServerBusyException"), Unavailable, "why"),
        (400, cmdlet_error("CmdletProxyNotAvailableFailure"), Unavailable, "why"),
        (400, cmdlet_error("Data.Directory.ADTransientException"), Unavailable, "why"),
        (400, cmdlet_error("Tasks.ManagementObjectNotFoundException", "no such rule"), NotFound, "no such rule"),
        (400, cmdlet_error("ADObjectAlreadyExistsException"), Conflict, "why"),
        (400, cmdlet_error("Other", "a rule of that name already exists"), Conflict, "already exists"),
        (400, cmdlet_error("Other", inner="Cannot process argument"), Rejected, "Cannot process argument"),
        (400, {"error": {"message": "Invalid Operation"}}, Rejected, "Invalid Operation"),
        (400, None, BadAnswer, "web filter"),
        (302, None, BadAnswer, "web filter"),
        (401, None, Refused, "Exchange.ManageAsApp"),
        (403, None, Refused, "Exchange.ManageAsApp"),
        (404, {"error": {"message": "gone"}}, NotFound, "gone"),
        (404, None, BadAnswer, "web filter"),
        (429, None, Throttled, "too many"),
        (500, None, Unavailable, "500"),
        (504, {"error": {"message": "late"}}, Unavailable, "late"),
        (501, {"error": {"message": "X is not emulated"}}, Rejected, "not emulated"),
        (200, None, BadAnswer, "web filter"),
        (200, {"value": "rows"}, BadAnswer, "no list"),
        (200, {"value": [], "@adminapi.errors": ["half of it"]}, Rejected, "half of it"),
        (200, {"value": [], "@adminapi.errors": [{"message": "half"}]}, Rejected, "half"),
        (200, {"value": [], "@adminapi.confirmationmessage": "sure?"}, Rejected, "confirmation"),
        (200, {"value": [], "@adminapi.warnings": ["only the first 1000 items are returned"]}, BadAnswer, "1000"),
    ],
)
def test_an_answer_of_exchange_that_is_none_is_told_in_our_terms(
    status: int, body: Json, error: type[RequestFailed], words: str
) -> None:
    with pytest.raises(error, match=f"^Set-X: .*{words}"):
        to_rows(EXCHANGE, Command("Set-X"), Reply(status, PLAIN, body))


def test_rows_lose_their_marks_at_every_depth() -> None:
    row: Body = {
        "Priority": 1,
        "Priority@data.type": "System.Int32",
        "Inside": [{"a@odata.type": "x", "a": {"b@c": 1}}],
    }

    assert to_rows(EXCHANGE, Command("Get-X"), Reply(200, PLAIN, {"value": [row]})) == [
        {"Priority": 1, "Inside": [{"a": {}}]}
    ]


@pytest.mark.parametrize(
    ("method", "status", "body", "error", "words"),
    [
        ("GET", 200, None, BadAnswer, "web filter"),
        ("GET", 400, None, BadAnswer, "web filter"),
        ("GET", 400, {"error": {"code": "Bad", "message": "no"}}, Rejected, r"no \(Bad\)"),
        ("POST", 400, {"error": {"code": "Bad", "message": "the object already exists"}}, Conflict, "already"),
        ("POST", 409, {"error": {"message": "taken"}}, Conflict, "taken"),
        ("PATCH", 424, {"error": {"message": "other part"}}, Unavailable, "other part"),
        ("GET", 401, {"error": {"message": "expired"}}, SignInRefused, "access token.*expired"),
        ("GET", 403, {"error": {"message": "denied"}}, Refused, r"GroupMember\.Read\.All"),
        ("PATCH", 403, {"error": {"message": "denied"}}, Refused, "denied$"),
        ("GET", 404, None, NotFound, "no reason given"),
        ("GET", 410, {"error": {"message": "gone"}}, NotFound, "gone"),
        ("GET", 500, {"error": {"message": "oops"}}, Unavailable, "oops"),
    ],
)
def test_an_answer_of_graph_that_is_none_is_told_in_our_terms(
    method: str, status: int, body: Json, error: type[RequestFailed], words: str
) -> None:
    with pytest.raises(error, match=f"^{method} /groups: .*{words}"):
        body_of(GRAPH, GraphRequest(method, "/groups"), Reply(status, PLAIN, body))


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (200, None, BadAnswer, "web filter"),
        (302, None, BadAnswer, "web filter"),
        (400, None, BadAnswer, "web filter"),
        (401, {"error": {"message": "expired"}}, SignInRefused, "access token.*expired"),
        (403, {"error": {"message": "denied"}}, Refused, r"denied; .*Ti\.ReadWrite\.All"),
        (404, None, NotFound, "no reason given"),
        (409, {"error": {"code": "Bad", "message": "taken"}}, Rejected, r"taken \(Bad\)"),
        (429, None, Throttled, "too many"),
        (501, {"error": {"message": "never"}}, Rejected, "never"),
        (503, {"error": {"message": "oops"}}, Unavailable, "503: oops"),
    ],
)
def test_an_error_of_defender_is_reported_in_our_terms(
    status: int, body: Json, error: type[RequestFailed], words: str
) -> None:
    with pytest.raises(error, match=f"^GET /api/indicators: .*{words}"):
        body_of(DEFENDER, ServiceRequest("GET", "/api/indicators"), Reply(status, PLAIN, body))


def test_a_write_without_a_body_is_fine_where_a_read_is_not() -> None:
    assert body_of(GRAPH, GraphRequest("PATCH", "/groups/1"), Reply(204, PLAIN, None)) == {}


def test_a_page_without_a_list_is_no_empty_list() -> None:
    with pytest.raises(BadAnswer, match="contains no list"):
        page_rows(GraphRequest("GET", "/groups"), {"id": "1"})


def test_a_wait_is_read_as_seconds_or_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after": later}) == pytest.approx(90, abs=2)
    assert retry_after({"retry-after": "soon"}) is None
    words, date = "User-rate limit exceeded.  Retry after 2026-03-07T18:18:23.000Z", "Sat, 07 Mar 2026 18:03:23 GMT"
    assert retry_after({"date": date}, words) == 900
    assert retry_after({"date": date, "retry-after": "7"}, words) == 900
    assert retry_after({"date": date, "retry-after": "1000"}, words.replace(".000Z", "Z")) == 1000
    assert retry_after({}, words) == 0  # long ago by this computer's clock
    assert retry_after({"date": date}, words.replace("03-07", "02-30")) is None
    assert retry_after({}) is None


def test_bytes_that_are_no_text_are_no_json() -> None:
    assert read_reply(403, {"Content-Type": "application/octet-stream"}, bytes(64), what="it").body is None
    assert read_reply(200, {}, b"\xff\xfe", what="it").body is None


def test_a_part_of_a_batch_without_a_status_is_an_error() -> None:
    with pytest.raises(BadAnswer):
        read_part({"id": "1"})
