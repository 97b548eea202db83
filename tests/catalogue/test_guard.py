"""The own-service guard knows what a block entry would break, in the way that browsers and Defender read entries."""

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.catalogue.guard import (
    NeededHost,
    _blocks_pattern,
    _may_block_needed,
    find_blocked_host,
    needed_hosts,
    school_hosts,
)

BREAKS = {
    "a sign-in host": ("login.microsoftonline.com", "login.microsoftonline.com"),
    "the domain above a sign-in host": ("live.com", "login.live.com"),
    "a domain of which the tenant's hosts are below": ("outlook.com", "*.outlook.com"),
    "a host below a needed wildcard": ("eur03.safelinks.protection.outlook.com", "*.outlook.com"),
    "the host of the school's Gmail": ("mail.google.com", "*.google.com"),
    "all of Google": ("google.com", "accounts.google.com"),
    "what a Google sign-in passes through": ("youtube.com", "accounts.youtube.com"),
    "a certificate service": ("digicert.com", "ocsp.digicert.com"),
    "updates": ("windowsupdate.com", "*.windowsupdate.com"),
    "iPads": ("icloud.com", "*.icloud.com"),
    "lessons": ("bbc.co.uk", "www.bbc.co.uk/bitesize"),
    "a page of lessons": ("www.bbc.co.uk/bitesize/subjects", "www.bbc.co.uk/bitesize"),
    "the beginning of such a page": ("www.bbc.co.uk/bite", "www.bbc.co.uk/bitesize"),
    "a whole country": ("co.uk", "accounts.google.co.uk"),
    "everything": ("*", "login.microsoftonline.com"),
    "everything over https": ("https://*", "login.microsoftonline.com"),
    "one exact host": (".google.com", "google.com"),
    "a page of a sign-in host": ("accounts.google.com/signin", "accounts.google.com"),
    "scheme, port and capitals": ("HTTPS://Login.Live.com:443/", "login.live.com"),
    "a name and password before the host": ("http://user:word@google.com/", "accounts.google.com"),
    "a final dot": ("login.live.com.", "login.live.com"),
    "a wildcard in front": ("*.live.com", "login.live.com"),
    "a query without a path": ("login.live.com?wa=wsignin1.0", "login.live.com"),
}
HARMLESS = [
    "x.com", "t.co", "mail.com", "netflix.com", "whatsapp.com", "web.whatsapp.com", "notgoogle.com", "www.youtube.com",
    ".youtube.com", ".live.com", "www.bbc.co.uk/iplayer", "bbc.co.uk/iplayer", "facebook.com", "file://*",
    "chrome://settings", "javascript://*", "example.com?next=https://login.live.com/",
]  # fmt: skip


@pytest.mark.parametrize(("entry", "host"), BREAKS.values(), ids=BREAKS)
def test_an_entry_that_covers_a_needed_host_is_found(entry: str, host: str) -> None:
    need = find_blocked_host(entry)

    assert need is not None
    assert need.host == host


@pytest.mark.parametrize("entry", HARMLESS)
def test_an_entry_that_covers_none_is_let_through(entry: str) -> None:
    assert find_blocked_host(entry) is None


@pytest.mark.parametrize("need", needed_hosts(), ids=str)
def test_each_needed_host_is_kept_open_by_itself(need: NeededHost) -> None:
    assert find_blocked_host(need.host, (need,)) == need
    assert find_blocked_host(f"https://{need.host.removeprefix('*.')}", (need,)) == need


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("school.example", "school.example"),
        ("mail.school.example", "*.school.example"),
        ("example", "school.example"),
        ("hosting.test", "www.hosting.test"),
    ],
)
def test_the_hosts_of_the_school_are_needed_too(entry: str, host: str) -> None:
    need = find_blocked_host(entry, school_hosts(["school.example"], "https://www.hosting.test/our-school"))

    assert need is not None
    assert (need.host, need.owner) == (host, "the school's own")


def test_a_school_without_a_website_has_its_domains() -> None:
    assert [need.host for need in school_hosts(["a.example", "b.example"], None)] == [
        "a.example", "*.a.example", "b.example", "*.b.example",
    ]  # fmt: skip


def test_each_needed_host_stands_once() -> None:
    hosts = [need.host for need in needed_hosts()]

    assert len(hosts) == len(set(hosts))


LABELS = st.lists(st.text(ascii_lowercase, min_size=1, max_size=5), min_size=1, max_size=4).map(".".join)


@given(host=LABELS, below=LABELS)
def test_an_entry_covers_itself_and_all_below_it_and_an_exact_one_itself_alone(host: str, below: str) -> None:
    assert find_blocked_host(host, (NeededHost(host, ""),))
    assert find_blocked_host(host, (NeededHost(f"{below}.{host}", ""),))
    assert find_blocked_host(f".{host}", (NeededHost(host, ""),))
    assert not find_blocked_host(f".{host}", (NeededHost(f"{below}.{host}", ""),))
    assert not find_blocked_host(f"{below}.{host}", (NeededHost(host, ""),))


@given(entry=st.text(max_size=30))
def test_any_text_is_answered(entry: str) -> None:
    found = find_blocked_host(entry)

    assert found is None or found in needed_hosts()


@pytest.mark.parametrize("exact", [False, True])
def test_the_quick_look_passes_no_host_that_meets_a_needed_one(*, exact: bool) -> None:
    hosts = [need.host.partition("/")[0] for need in needed_hosts()]
    labels = [host.removeprefix("*.").split(".") for host in hosts]
    tails = {".".join(parts[cut:]) for parts in labels for cut in range(len(parts))}
    asked = {*hosts, *(before + tail for tail in tails for before in ("", "a.", "b.a.", "x"))}

    meeting = {host for host in asked if any(_blocks_pattern(host, pattern, exact=exact) for pattern in hosts)}

    assert {host for host in meeting if not _may_block_needed(host, needed_hosts())} == set()
    assert 0 < len(meeting) < len(asked)
