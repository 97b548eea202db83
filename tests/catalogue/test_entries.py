"""Every built-in entry is well formed, names its sources, and breaks nothing that a school needs."""

from collections import Counter
from datetime import date
from importlib.resources import files

import pytest
from pydantic import ValidationError

from toolkit.catalogue.app import App, IosApp
from toolkit.catalogue.form import AppForm
from toolkit.catalogue.guard import find_blocked_host, needed_hosts, shared_hosts
from toolkit.catalogue.naming import CATEGORIES, builtin

APPS = list(builtin().apps.values())
PARTS = ["domains", "pages", "android", "ios", "windows", "chrome"]


def _ids(app: App) -> str:
    return app.name


def test_there_is_a_file_for_each_category_and_no_other() -> None:
    there = {file.name for file in files("toolkit.catalogue.entries").iterdir() if file.name.endswith(".toml")}

    assert there == {f"{category}.toml" for category in CATEGORIES}
    assert all(builtin().apps_in(category) for category in CATEGORIES)


@pytest.mark.parametrize(
    "name",
    ["whatsapp", "telegram", "signal", "snapchat", "discord", "instagram", "tiktok", "facebook", "messenger", "x",
     "reddit", "youtube", "twitch", "netflix", "spotify", "gmail", "outlook-personal", "yahoo-mail", "bet365",
     "bittorrent"],
)  # fmt: skip
def test_what_a_school_asks_for_first_has_an_entry(name: str) -> None:
    assert name in builtin().apps


def test_whatsapp_is_known_on_every_platform() -> None:
    app = builtin().apps["whatsapp"]

    assert set(app.domains) >= {"whatsapp.com", "whatsapp.net", "wa.me"}
    assert set(app.android) == {"com.whatsapp", "com.whatsapp.w4b"}
    assert app.ios[0] == IosApp("net.whatsapp.WhatsApp", 310633997)
    assert app.windows == ("5319275A.WhatsAppDesktop_cv1g1gvanyjgm",)


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_in_two_entries(part: str) -> None:
    counted = Counter(value for app in APPS for value in getattr(app, part))

    assert [value for value, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("app", APPS, ids=_ids)
def test_no_host_of_an_entry_lies_below_another_of_it(app: App) -> None:
    below = [host for host in app.domains for other in app.domains if host.endswith(f".{other}")]

    assert below == []


@pytest.mark.parametrize("app", APPS, ids=_ids)
def test_an_entry_names_a_public_page_for_each_fact_and_the_day_it_was_checked(app: App) -> None:
    told = {fact for fact, _ in app.references()}

    assert {part for part in (*PARTS, "by_account") if getattr(app, part)} <= told
    assert all(page.startswith("https://") for _, page in app.references())
    assert app.checked is not None
    assert app.checked <= date(2026, 11, 24)


@pytest.mark.parametrize("app", APPS, ids=_ids)
def test_what_an_entry_lacks_is_said(app: App) -> None:
    assert app.windows or app.missing or "Windows" in app.note


@pytest.mark.parametrize("app", APPS, ids=_ids)
def test_no_block_entry_covers_a_host_that_a_school_needs(app: App) -> None:
    of_hosts = (*needed_hosts(), *shared_hosts(builtin()))

    assert {host: find_blocked_host(host, of_hosts) for host in app.domains if find_blocked_host(host, of_hosts)} == {}
    assert {page: find_blocked_host(page) for page in app.pages if find_blocked_host(page)} == {}


@pytest.mark.parametrize("name", ["gmail", "outlook-personal"])
def test_mail_on_shared_hosts_is_closed_by_account_alone(name: str) -> None:
    app = builtin().apps[name]

    assert (app.urls, app.android, app.ios, app.windows) == ((), (), (), ())
    assert app.by_account
    assert app.shared_hosts


def test_youtube_is_never_blocked_as_a_whole_domain() -> None:
    assert "youtube.com" not in builtin().apps["youtube"].domains
    assert find_blocked_host("youtube.com") is not None


BAD = {
    "a host with a scheme": ("domains", ["https://chat.example.com"], "is not a host"),
    "a host with a wildcard": ("domains", ["*.example.com"], "is not a host"),
    "a host with a path": ("domains", ["example.com/chat"], "is not a host"),
    "a single label": ("domains", ["com"], "is not a host"),
    "an address": ("domains", ["192.0.2.1"], "is not a host"),
    "a page without a path": ("pages", ["www.example.com"], "is not a page"),
    "a page of a host that is none": ("pages", ["example/watch"], "is not a host"),
    "a package of one word": ("android", ["whatsapp"], "is not a package"),
    "a bundle with a space": ("ios", [{"bundle": "net whatsapp", "store": 1}], "is not a bundle identifier"),
    "a number of the store that is text": ("ios", [{"bundle": "pinterest", "store": "429047995"}], "integer"),
    "a family without its publisher": ("windows", ["5319275A.WhatsAppDesktop"], "is not a package family name"),
    "a publisher with a letter that none has": ("windows", ["Some.App_cv1g1gvanyjgu"], "is not a package family name"),
    "an extension that is too short": ("chrome", ["aapocclcgogkmnckokdopfm"], "is not an extension"),
    "a category that is none": ("category", "news", "chat"),
    "a name with capitals": ("name", "WhatsApp", "is not a name for an app"),
}


@pytest.mark.parametrize(("part", "value", "said"), BAD.values(), ids=BAD)
def test_an_entry_that_is_not_well_formed_is_refused(part: str, value: object, said: str) -> None:
    entry = {"name": "some", "title": "Some", "category": "chat", "domains": ["some.example"], part: value}

    with pytest.raises(ValidationError, match=said):
        AppForm.model_validate(entry)


def test_an_entry_that_is_made_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one of"):
        AppForm.model_validate({"name": "some", "title": "Some", "category": "chat"})
