"""What a playbook can say of apps and sites that are to be closed."""

from pathlib import Path

import pytest

from tests.door import Door
from toolkit.controls.blocking import Blocking
from toolkit.errors import PlaybookError
from toolkit.playbook.load import load

HEAD = "playbook: web\ntitle: Web\nowner: Head Teacher\ncontrols:\n  - web.chat_im_block:\n      for: everyone\n"
MORE = """\
apps: more-chat
add:
  - {name: local-chat, title: Local chat, category: chat, domains: [chat.local.example]}
"""


def _settings(directory: Path) -> Blocking:
    (entry,) = load(directory).playbooks[0].controls
    assert isinstance(entry.settings, Blocking)
    return entry.settings


def _wrong(directory: Path) -> str:
    with pytest.raises(PlaybookError) as error:
        load(directory)
    return str(error.value)


def test_apps_are_named_one_by_one_or_by_their_category(wide_door: Door) -> None:
    wide_door.write(
        "40-web.yaml", f"{HEAD}      block: [whatsapp, {{category: p2p}}]\n      hosts: [chat.example.com]\n"
    )

    settings = _settings(wide_door.playbooks)

    assert settings.apps[0].name == "whatsapp"
    assert {app.category for app in settings.apps} == {"chat", "p2p"}
    assert {"whatsapp.com", "wa.me", "chat.example.com"} <= set(settings.urls)


def test_an_app_that_the_school_added_can_be_named(wide_door: Door) -> None:
    wide_door.write("40-web.yaml", f"{HEAD}      block: [local-chat]\n")
    wide_door.write("41-apps.yaml", MORE)

    assert _settings(wide_door.playbooks).urls == ["chat.local.example"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("block: [whatsap]", "unknown app `whatsap`: did you mean `whatsapp`?"),
        ("block: []", "must have at least 1 entry"),
        ("block: [whatsapp]\n      hosts: [login.microsoftonline.com]", "it covers login.microsoftonline.com"),
        ("block: [whatsapp]\n      hosts: [google.com]", "google.com cannot be blocked because it covers"),
        ("block: [whatsapp]\n      hosts: [example-primary.example]", "it covers example-primary.example"),
        ("block: [whatsapp]\n      hosts: ['not a host']", "is not a host"),
    ],
)
def test_what_cannot_be_blocked_is_refused_at_its_line(wide_door: Door, written: str, told: str) -> None:
    wide_door.write("40-web.yaml", f"{HEAD}      {written}\n")

    wrong = _wrong(wide_door.playbooks)

    assert told in wrong
    assert "40-web.yaml:" in wrong


def test_for_whom_has_to_be_said(wide_door: Door) -> None:
    wide_door.write("40-web.yaml", HEAD.replace("      for: everyone\n", "") + "      block: [whatsapp]\n")

    assert "web.chat_im_block needs `for`" in _wrong(wide_door.playbooks)
