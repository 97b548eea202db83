"""`toolkit policy` opens the policy document at its address and compares it with the ratified file."""

import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.door import Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

RATIFIED, OTHER = b"the ratified policy", b"an older policy"
ANSWERS = {
    "/policy.pdf": (200, RATIFIED),
    "/old.pdf": (200, OTHER),
    "/moved.pdf": (302, b"/policy.pdf"),
    "/sign-in.pdf": (403, b""),
    "/broken.pdf": (500, b""),
}


class _Website(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = ANSWERS.get(self.path, (404, b""))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", body.decode())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def website() -> Iterator[str]:
    """Serve the policy as a school's website does, at an address of this computer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Website)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _check_link(door: Door, link: str, *, checksum: bool = True) -> tuple[int, str, str]:
    sha256 = f", sha256: {hashlib.sha256(RATIFIED).hexdigest()}" if checksum else ""
    clause = "{clause: GOV-04, says: x, class: visible, place: {paragraph: 1, begins: A}, evidence: [link]}"
    text = f"owner: Head\ndocument: {{title: Policy, link: '{link}'{sha256}}}\nclauses:\n  - {clause}\n"
    door.write("policy/01.yaml", f"policy: few\nsection: Few\n{text}")
    answered = door.toolkit("policy", "--json")
    assert answered.exit in {0, 3, 4}, answered.err
    (clause_told,) = answered.json["clauses"]
    return answered.json["counts"]["unread"], clause_told["status"], "; ".join(clause_told["because"])


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/policy.pdf", "met", "has the ratified file"),
        ("/moved.pdf", "met", "has the ratified file"),
        ("/old.pdf", "not met", "is not the ratified file"),
        ("/gone.pdf", "not met", "does not open at its address, which returns status 404"),
        ("/sign-in.pdf", "not checked", "asks for a sign-in, so the file was not compared"),
        ("/broken.pdf", "not checked", "could not be read at its address: status 500"),
    ],
)
def test_the_address_of_the_policy_must_serve_the_ratified_file(
    path: str, status: str, says: str, website: str, bare_door: Door
) -> None:
    unread, found, because = _check_link(bare_door, website + path)

    assert (found, says in because) == (status, True), because
    assert unread == (1 if path == "/broken.pdf" else 0)


def test_without_a_checksum_or_an_answer_nothing_is_claimed(website: str, bare_door: Door) -> None:
    without = _check_link(bare_door, f"{website}/policy.pdf", checksum=False)
    silent = _check_link(bare_door, "http://127.0.0.1:9/policy.pdf")
    elsewhere = _check_link(bare_door, "https://www.example-primary.example/policy.pdf")

    assert without[1:] == (
        "not checked",
        "the policy can be opened, but the playbooks have no checksum of the ratified file",
    )
    assert silent[:2] == (1, "not checked")
    assert elsewhere[1:] == ("not checked", "a practice run does not download files from another computer")
