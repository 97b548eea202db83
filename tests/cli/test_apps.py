"""`toolkit apps`: every app and site that a block can name, and one of them whole."""

import pytest

from tests.door import Door, ask
from tests.schools import with_people
from toolkit.catalogue.naming import builtin

pytestmark = with_people(users=24, staff=10)

NAMES = list(builtin().apps)
MORE = """\
apps: ours
add:
  - name: local-chat
    title: Local chat
    category: chat
    domains: [chat.local.example]
"""


def test_without_a_name_it_lists_every_app_by_category() -> None:
    answered = ask("apps")

    assert answered.exit == 0
    assert answered.out.startswith("Chat   (category: chat)\n  whatsapp ")
    assert all(f"  {name} " in answered.out for name in NAMES)
    assert "by account only" in answered.out
    assert max(len(line) for line in answered.out.splitlines()) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_with_a_name_it_shows_the_app_whole_in_a_hundred_columns(name: str) -> None:
    answered = ask("apps", name)

    app = builtin().apps[name]
    assert answered.exit == 0
    assert answered.out.startswith(f"{name}: {app.title}\n")
    assert all(part in answered.out for part in (*app.urls, *app.shared_hosts, *app.android, *app.windows))
    assert all(one.bundle in answered.out and str(one.store) in answered.out for one in app.ios)
    assert [line for line in answered.out.splitlines() if len(line) > 100 and "https://" not in line] == []


def test_it_can_be_read_by_programs() -> None:
    everything = ask("apps", "--json").json
    one = ask("apps", "whatsapp", "--json").json

    assert everything["format"] == 1
    assert [app["name"] for app in everything["apps"]] == NAMES
    assert one["domains"] == ["whatsapp.com", "whatsapp.net", "wa.me"]
    assert one["ios"][0] == {"bundle": "net.whatsapp.WhatsApp", "store": 310633997}
    assert one["checked"] == "2026-11-24"
    assert {"fact": "ios", "page": "https://apps.apple.com/gb/app/id310633997"} in one["references"]


def test_a_misspelt_app_is_answered_with_the_one_that_was_meant() -> None:
    answered = ask("apps", "whatsap")

    assert answered.exit == 2
    assert answered.err == "toolkit: unknown app `whatsap`: did you mean `whatsapp`?\n"


def test_what_playbooks_add_is_shown_with_them(bare_door: Door) -> None:
    bare_door.write("45-apps.yaml", MORE)

    listed = bare_door("apps", "--playbooks", bare_door.playbooks)
    shown = bare_door("apps", "local-chat", "--playbooks", bare_door.playbooks)

    assert "  local-chat " in listed.out
    assert "  hosts         chat.local.example" in shown.out
    assert shown.out.endswith("added by the school's playbooks\n")
    assert bare_door("apps", "local-chat").exit == 2


def test_an_app_that_is_closed_by_account_says_how_and_which_hosts_stay_open() -> None:
    out = ask("apps", "gmail").out

    assert "never blocked mail.google.com" in out
    assert "by account    Chrome and ChromeOS accept only accounts of the school's domains" in out
