"""A message goes to whatever a URL is of, and what goes wrong is said without the URL."""

import ast
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from trustme import CA

from tests.hook import Hook, run_hook
from tests.hostile_names import ESCAPED, OBEYED
from toolkit.engine.notices.transports import (
    PlainMessage,
    _find_apprise_service,
    reason_channel_is_withheld,
    send_message,
)
from toolkit.errors import Unavailable, UsageError
from toolkit.playbook.load import load
from toolkit.school.notices import Channel
from toolkit.school.school import School
from toolkit.sdk.connector import Target

MESSAGE = PlainMessage("One thing is new", "- a rule: subject: *not* as wanted [1a2b]\n")
HOOK = Channel("hook")
ROOT = Path(__file__).parents[3]


@pytest.fixture
def school() -> School:
    return load(Path(__file__).parents[3] / "playbooks" / "00-school.yaml").school


@pytest.fixture
def hook() -> Iterator[Hook]:
    with run_hook() as hook:
        yield hook


def _live(url: str) -> Target:
    return Target(name="live", variables={"TOOLKIT_NOTIFY_HOOK": url} if url else {})


@pytest.mark.parametrize(
    ("url", "service"),
    [
        pytest.param("https://chat.googleapis.com/v1/spaces/AAAA/messages?key=abc&token=def", "Google Chat", id="chat"),
        pytest.param(
            "https://prod-12.uksouth.logic.azure.com:443/workflows/643e69f83c8944/triggers/manual/paths/invoke"
            "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu",
            "Power Automate / Workflows (for MSTeams)",
            id="teams",
        ),
        pytest.param("https://hooks.example/x?token=abc", "JSON", id="a web hook"),
        pytest.param("ntfy://ntfy.example/school", "ntfy", id="another service"),
        pytest.param("nonsense", "", id="no URL"),
    ],
)
def test_a_url_says_which_service_it_is_of(url: str, service: str) -> None:
    found = _find_apprise_service(url)

    assert (str(found.service_name) if found else "") == service


def test_a_message_reaches_a_web_hook_as_it_is_written(school: School, hook: Hook) -> None:
    send_message(MESSAGE, HOOK, school, _live(hook.url))

    assert hook.paths == ["/hook/long-secret?token=other-secret"]
    assert (hook.messages[0]["title"], hook.messages[0]["message"].strip()) == (MESSAGE.subject, MESSAGE.text.strip())


def test_the_authority_of_a_web_filter_is_trusted_where_it_is_named(school: School, tmp_path: Path) -> None:
    authority, security = CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(security)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with run_hook(security) as hook:
        with pytest.raises(Unavailable, match="A Connection error occurred"):
            send_message(MESSAGE, HOOK, school, _live(hook.url))
        send_message(MESSAGE, HOOK, school, replace(_live(hook.url), ca_file=tmp_path / "ca.pem"))

    assert hook.titles == [MESSAGE.subject]


def test_what_goes_wrong_is_said_without_the_url(school: School, hook: Hook, capfd: pytest.CaptureFixture[str]) -> None:
    hook.status = 403
    with pytest.raises(Unavailable, match=r"^TOOLKIT_NOTIFY_HOOK: Failed to send JSON POST .*403") as refused:
        send_message(MESSAGE, HOOK, school, _live(hook.url))
    with pytest.raises(Unavailable, match=r"to topic '\[redacted\]'") as gone:  # ntfy names what it writes to
        send_message(MESSAGE, HOOK, school, _live(hook.url.replace("http", "ntfy").replace("/hook", "")))
    with pytest.raises(UsageError, match="is not a URL that apprise supports") as unknown:
        send_message(MESSAGE, HOOK, school, _live("long-secret"))
    with pytest.raises(UsageError, match="TOOLKIT_NOTIFY_HOOK is not set"):
        send_message(MESSAGE, HOOK, school, _live(""))

    said = "".join([*(str(one.value) for one in (refused, gone, unknown)), *capfd.readouterr()])
    assert "secret" not in said


def test_mail_says_which_settings_it_lacks(school: School) -> None:
    office = Channel("office", "microsoft365", "a@example-primary.example", "b@example-primary.example")

    with pytest.raises(UsageError, match="writing identity, but these variables are not set: TOOLKIT_"):
        send_message(MESSAGE, office, school, _live(""))


def test_no_transport_sends_what_a_terminal_or_a_reader_obeys(school: School, hook: Hook) -> None:
    message = PlainMessage(f"A rule {OBEYED}", f"- a rule {OBEYED}\n- another\n")

    send_message(message, HOOK, school, _live(hook.url))

    assert (message.subject, message.text) == (f"A rule {ESCAPED}", f"- a rule {ESCAPED}\n- another\n")
    assert hook.messages[0]["title"] == f"A rule {ESCAPED}"
    assert hook.messages[0]["message"].strip() == f"- a rule {ESCAPED}\n- another"


def test_every_message_that_a_channel_or_a_person_gets_is_one_of_the_two_that_are_printable() -> None:
    senders = {
        f"{path.relative_to(ROOT).as_posix()}: {ast.unparse(node.func)}"
        for package in ("toolkit", "connectors/microsoft365", "connectors/google_workspace")
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".notify", "].send", "EmailMessage"))
    }

    assert senders == {
        # a PlainMessage
        "toolkit/engine/notices/transports.py: service.notify",
        # a Message
        "toolkit/engine/notices/transports.py: reached.connections[channel.provider].send",
        "toolkit/replies/remind.py: connections[reminder.provider].send",
        "connectors/google_workspace/gmail.py: EmailMessage",
    }


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("http://localhost:8080/x", True),
        ("https://127.0.0.1/x", True),
        ("https://localhost.example/x", False),
        ("ntfy://localhost/x", False),
        ("mailtos://a:b@example.com", False),
    ],
)
def test_a_practice_run_uses_urls_of_this_computer_alone(url: str, *, used: bool) -> None:
    practice = Target(name="emulator", variables={"TOOLKIT_NOTIFY_HOOK": url})

    assert (reason_channel_is_withheld(HOOK, practice) == "") is used
    assert reason_channel_is_withheld(HOOK, _live(url)) == ""
