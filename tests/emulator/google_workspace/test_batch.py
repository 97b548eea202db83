"""Multipart batches, sent by the client library."""

from typing import Any

import pytest
from google_auth_httplib2 import Request  # type: ignore[import-untyped]
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import BatchError, HttpError

from tests.emulated import HANG
from tests.emulator.google_workspace.asking import Google, refusal


def _people(google: Google, count: int) -> list[str]:
    everyone = google.tenant.objects("google.users").values()
    return [one["primaryEmail"] for one in everyone if one["isMailboxSetup"]][:count]


def _signed_in(google: Google, address: str) -> Any:
    """Sign somebody in beforehand: a batch would do it over a connection of its own that trusts no CA of ours."""
    http = google.authorized_http("gmail", address)
    http.credentials.refresh(Request(http.http))
    return http


class _Answers:
    """What came back for each part, by its name."""

    def __init__(self) -> None:
        self.good: dict[str, Any] = {}
        self.bad: dict[str, HttpError] = {}

    def __call__(self, name: str, answer: Any, error: HttpError | None) -> None:
        if error is None:
            self.good[name] = answer
        else:
            self.bad[name] = error


def _for_everybody(google: Google, addresses: list[str]) -> tuple[Any, _Answers]:
    """Make a batch in which every part is another person's, each with a token of its own."""
    service, answers = google.plain("gmail"), _Answers()
    batch = service.new_batch_http_request(callback=answers)
    for address in addresses:
        request = service.users().settings().sendAs().list(userId="me")
        request.http = _signed_in(google, address)
        batch.add(request, request_id=address)
    return batch, answers


def test_each_part_of_a_batch_is_of_the_person_whose_token_it_carries(google: Google) -> None:
    addresses = _people(google, 20)
    batch, answers = _for_everybody(google, addresses)

    batch.execute()

    assert {name: one["sendAs"][0]["sendAsEmail"] for name, one in answers.good.items()} == {
        address: address for address in addresses
    }
    (sent,) = [one for one in google.tenant.requests() if one["url"].endswith("/batch")]
    assert [one["name"] for one in sent["operations"]] == ["gmail.users.settings.sendAs.list"] * 20


def test_a_batch_may_carry_no_token_but_those_of_its_parts(google: Google) -> None:
    addresses = _people(google, 3)
    batch, answers = _for_everybody(google, addresses)

    batch.execute(http=google.http())

    assert set(answers.good) == set(addresses)
    assert any(one["url"].endswith("/batch") for one in google.tenant.requests())


def test_a_part_may_be_throttled_while_the_others_are_answered(google: Google) -> None:
    addresses = _people(google, 5)
    batch, answers = _for_everybody(google, addresses)
    google.tenant.fault("throttled", "gmail.users.settings.sendAs.list", nth=2, times=2, seconds=3)

    batch.execute()

    assert len(answers.good) == 3
    assert list(answers.bad) == addresses[1:3]
    said = refusal(answers.bad[addresses[1]])
    assert (said.status, said.reason, said.canonical) == (429, "rateLimitExceeded", "RESOURCE_EXHAUSTED")


def test_a_part_may_write(google: Google) -> None:
    addresses = _people(google, 4)
    service, answers = google.plain("gmail"), _Answers()
    batch = service.new_batch_http_request(callback=answers)
    for address in addresses:
        body = {"signature": f"<b>{address}</b> \N{POUND SIGN}"}
        request = service.users().settings().sendAs().patch(userId="me", sendAsEmail=address, body=body)
        request.http = _signed_in(google, address)
        batch.add(request, request_id=address)

    batch.execute()

    stored = {one["sendAsEmail"]: one["signature"] for one in google.tenant.objects("gmail.sendAs").values()}
    assert {address: stored[address] for address in addresses} == {
        address: f"<b>{address}</b> \N{POUND SIGN}" for address in addresses
    }


def test_a_part_that_is_refused_says_why(google: Google) -> None:
    directory, answers = google.directory, _Answers()
    directory.users().get(userKey="me").execute()  # signs in
    batch = directory.new_batch_http_request(callback=answers)
    batch.add(directory.users().get(userKey=google.teacher()), request_id="there")
    batch.add(directory.users().get(userKey="nobody@example-primary.example"), request_id="not there")
    batch.add(
        directory.members().delete(groupKey="dsl@example-primary.example", memberKey=google.teacher()),
        request_id="deleted",
    )

    batch.execute()

    assert set(answers.good) == {"there", "deleted"}
    assert refusal(answers.bad["not there"]).message == "Resource Not Found: userKey"


def test_gmail_takes_a_hundred_parts_and_no_more(google: Google) -> None:
    gmail = build_from_document(google.document("gmail"), http=_signed_in(google, google.teacher()))
    batch = gmail.new_batch_http_request(callback=_Answers())
    for _ in range(101):
        batch.add(gmail.users().settings().getVacation(userId="me"))

    with pytest.raises(HttpError) as caught:
        batch.execute()

    assert refusal(caught.value).status == 400


_PART = "Content-Type: application/http\n\nGET /gmail/v1/users/me/settings/vacation HTTP/1.1\n\n"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/mixed; boundary=b", f"--b\n{_PART}--b--", 200),
        ('multipart/mixed; boundary="b"', f"before\n--b\n{_PART}--b--\n--b\nafter".replace("\n", "\r\n"), 200),
        ("multipart/mixed; boundary=b", f"--b\n{_PART.replace('http', 'json', 1)}--b--", 400),
        ("multipart/mixed; boundary=c", f"--b\n{_PART}--b--", 400),
        ("multipart/mixed", f"--\n{_PART}----", 400),
        ("application/json", "{}", 400),
    ],
    ids=["plain", "quoted", "no request inside", "another boundary", "no boundary", "no batch"],
)
def test_a_batch_needs_a_request_between_its_boundaries(google: Google, kind: str, body: str, status: int) -> None:
    url = google.root("gmail.googleapis.com") + "batch/gmail/v1"

    answer = google.tenant.emulator.http.post(url, data=body, headers={"Content-Type": kind}, timeout=HANG)

    assert answer.status_code == status
    assert answer.text.count("HTTP/1.1 401") == (status == 200)


@pytest.mark.parametrize("fault", ["throttled", "unavailable"])
def test_a_batch_can_be_refused_as_a_whole(google: Google, fault: str) -> None:
    gmail = build_from_document(google.document("gmail"), http=_signed_in(google, google.teacher()))
    batch = gmail.new_batch_http_request(callback=_Answers())
    batch.add(gmail.users().settings().getVacation(userId="me"))
    google.tenant.fault(fault, "$batch")

    with pytest.raises((HttpError, BatchError)):
        batch.execute()


def test_the_path_of_one_api_is_no_path_of_another(google: Google) -> None:
    for path, status in (("batch/gmail/v1", 400), ("batch/admin/directory_v1", 501)):
        answer = google.tenant.emulator.http.post(google.root("gmail.googleapis.com") + path, timeout=HANG)

        assert answer.status_code == status
