"""A file of apps adds to the catalogue; what is wrong, and what would break the school's own services, is told."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from tests.playbook.conftest import SCHOOL
from toolkit.catalogue.app import App
from toolkit.catalogue.naming import Choice, builtin
from toolkit.controls.control import Control, ControlSettings
from toolkit.errors import PlaybookError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.vocabulary import Vocabulary

Files = Mapping[str, str | bytes]
Loaded = Callable[[Files], Playbooks]
Refused = Callable[[Files], list[str]]
Write = Callable[[Files], Path]

LABEL = "playbook: x\ncontrols:\n  - mail.label: {for: staff}\n"
WHOLE = """\
apps: more-chat
add:
  - name: local-chat
    title: Local chat
    category: chat
    domains: [Chat.Local.example]
    pages: [www.local.example/chat]
    android: [example.local.chat]
extend:
  - name: whatsapp
    domains:
      - wa.link
    android: [com.gbwhatsapp]
"""


def _add(rest: str, name: str = "local-chat") -> str:
    return f"apps: more\nadd:\n  - name: {name}\n    title: Local chat\n    category: chat\n    {rest}\n"


def _extend(rest: str, name: str = "whatsapp") -> str:
    return f"apps: more\nextend:\n  - name: {name}\n    {rest}\n"


def test_what_a_school_adds_is_in_its_catalogue(load_files: Loaded) -> None:
    playbooks = load_files({"45-apps.yaml": WHOLE})

    assert playbooks.apps.apps["local-chat"] == App(
        name="local-chat",
        title="Local chat",
        category="chat",
        domains=("chat.local.example",),
        pages=("www.local.example/chat",),
        android=("example.local.chat",),
    )
    assert playbooks.apps.apps["whatsapp"].domains == (*builtin().apps["whatsapp"].domains, "wa.link")
    assert playbooks.apps.apps["whatsapp"].android[-1] == "com.gbwhatsapp"
    assert "apps" not in playbooks.others


def test_without_a_file_of_apps_the_catalogue_is_the_built_in_one(load_files: Loaded) -> None:
    assert load_files({}).apps == builtin()


@pytest.mark.parametrize("text", ["apps: more", "apps: more\nadd:", "apps: more\nadd: []\nextend:"])
def test_a_file_that_adds_nothing_yet_is_one(load_files: Loaded, text: str) -> None:
    assert load_files({"45-apps.yaml": text}).apps == builtin()


def test_an_app_of_one_file_can_be_extended_in_another_that_comes_before_it(load_files: Loaded) -> None:
    first = _extend("domains: [more.local.example]", "local-chat")

    playbooks = load_files({"44-a.yaml": first, "45-b.yaml": WHOLE})

    assert playbooks.apps.apps["local-chat"].domains == ("chat.local.example", "more.local.example")


def test_a_playbook_that_is_loaded_by_itself_comes_with_the_school_s_apps(write: Write, vocabulary: Vocabulary) -> None:
    root = write({"10-x.yaml": LABEL, "45-apps.yaml": WHOLE})

    assert "local-chat" in load(root / "10-x.yaml", vocabulary).apps.apps


def test_the_digest_is_over_the_files_of_apps_too(load_files: Loaded) -> None:
    before = load_files({"45-apps.yaml": WHOLE}).digest

    assert load_files({"45-apps.yaml": WHOLE.replace("wa.link", "wa.example")}).digest != before


BAD = {
    "no short name": ("apps: More chat", 1, '`apps`: "More chat" is not a short name'),
    "an unknown key": ("apps: more\nadded: []", 2, "unknown key `added`: did you mean `add`?"),
    "no list": ("apps: more\nadd: whatsapp", 2, '`add` must be a list, not "whatsapp"'),
    "a part that is none": (_add("hosts: [local.example]"), 6, "unknown key `hosts`"),
    "no title": (
        "apps: more\nadd:\n  - name: local\n    category: chat\n    domains: [local.example]\n",
        3,
        "entry 1 of `add` needs `title`",
    ),
    "an unknown category": (
        _add("domains: [local.example]").replace("category: chat", "category: chatt"),
        5,
        "`category` of entry 1 of `add` must be `chat`, `social`, `streaming`, `webmail`, `gambling`, `p2p` or `games`",
    ),
    "made of nothing": (_add("note: Nothing."), 3, "entry 1 of `add`: must have at least one of domains"),
    "a host that is none": (
        _add("domains: [https://local.example]"),
        6,
        'entry 1 of `domains` of entry 1 of `add`: "https://local.example" is not a host',
    ),
    "a package that is none": (
        _extend("android: [whatsapp]"),
        4,
        'entry 1 of `android` of entry 1 of `extend`: "whatsapp" is not a package such as com.whatsapp',
    ),
    "an app that is there already": (
        _add("domains: [local.example]", "whatsapp"),
        3,
        "`whatsapp` is already in the catalogue. Put it under `extend:`",
    ),
    "a misspelt app": (_extend("domains: [wa.link]", "whatsap"), 3, "unknown app `whatsap`: did you mean `whatsapp`?"),
    "a host that the app has": (_extend("domains: [wa.link, wa.me]"), 4, "`wa.me` is already in whatsapp. Delete it"),
    "a host of another app": (_add("domains: [t.me]"), 6, "`t.me` is already in telegram. Delete it"),
    "a host twice": (_extend("domains: [wa.link, wa.link]"), 4, "`wa.link` is written twice. Delete it"),
    "a host that sign-in needs": (
        _add("domains: [live.com]"),
        6,
        "`live.com` would block login.live.com (sign-in to Microsoft 365). Name only the app's own hosts and pages",
    ),
    "a host that a certificate needs": (
        _extend("domains:\n      - wa.link\n      - digicert.com"),
        6,
        "`digicert.com` would block ocsp.digicert.com (certificates, which every secure site needs)",
    ),
    "the school's own domain": (
        _add("domains: [mail.example-primary.example]"),
        6,
        "`mail.example-primary.example` would block *.example-primary.example (the school's own)",
    ),
    "a shared host": (
        _add("domains: [outlook.live.com]"),
        6,
        "`outlook.live.com` would block outlook.live.com (which Outlook.com with a personal account shares with",
    ),
    "a page of lessons": (
        _add("pages: [www.bbc.co.uk/bitesize]"),
        6,
        "`www.bbc.co.uk/bitesize` would block www.bbc.co.uk/bitesize (lessons)",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), BAD.values(), ids=BAD)
def test_a_file_of_apps_that_cannot_be_used_is_refused(refused: Refused, text: str, line: int, message: str) -> None:
    problems = refused({"45-apps.yaml": text})

    assert len(problems) == 1, problems
    assert problems[0].startswith(f"playbooks/45-apps.yaml:{line}: {message}")


def test_a_page_of_a_shared_host_may_be_named(load_files: Loaded) -> None:
    text = _add("pages: [www.itv.com/hub]")

    assert load_files({"45-apps.yaml": text}).apps.apps["local-chat"].pages == ("www.itv.com/hub",)


def test_an_app_that_two_files_add_names_both(refused: Refused) -> None:
    problems = refused({"45-a.yaml": WHOLE, "46-b.yaml": _add("domains: [other.example]")})

    assert problems == ["playbooks/46-b.yaml:3: `local-chat` is added twice, first at playbooks/45-a.yaml:3"]


def test_all_that_is_wrong_is_told_at_once(refused: Refused) -> None:
    text = _add("domains: [google.com, youtube.com]") + "extend:\n  - {name: nobody-knows-it, domains: [a.example]}\n"

    problems = refused({"10-x.yaml": "playbook: x\nmode: no\n", "45-apps.yaml": text})

    assert [problem.split(" ")[0] for problem in problems] == [
        "playbooks/10-x.yaml:2:",
        "playbooks/45-apps.yaml:6:",
        "playbooks/45-apps.yaml:6:",
        "playbooks/45-apps.yaml:8:",
    ]


class Block(ControlSettings):
    """Which apps are blocked."""

    block: list[Choice] = Field(description="The apps.")


BLOCKS = {
    "a misspelt app": ("[whatsap]", "entry 1 of `block`: unknown app `whatsap`: did you mean `whatsapp`?"),
    "a category as a name": ("[chat]", "entry 1 of `block`: unknown app `chat`: did you mean `category: chat`?"),
    "a misspelt category": ("[{category: streeming}]", 'or `games`, not "streeming": did you mean `streaming`?'),
    "another key": ("[{categori: chat}]", "unknown setting `categori`: did you mean `category`?"),
    "a number": ("[3]", "entry 1 of `block` must be text or `category: ...`, not 3"),
    "no list": ("whatsapp", '`block` must be a list, not "whatsapp"'),
}


@pytest.mark.parametrize(("block", "message"), BLOCKS.values(), ids=BLOCKS)
def test_a_block_list_that_names_no_app_is_answered_in_place(write: Write, block: str, message: str) -> None:
    control = Control(name="web.chat", title="Chat is blocked", clauses=(), settings=Block)
    text = f"playbook: x\ncontrols:\n  - web.chat:\n      for: staff\n      block: {block}\n"

    with pytest.raises(PlaybookError) as caught:
        load(write({"40-web.yaml": text}), Vocabulary({"web.chat": control}, {"microsoft365": {}}))

    (problem,) = caught.value.problems
    assert problem.line == 5
    assert message in problem.message


WORDS = [
    "name",
    "title",
    "category",
    "domains",
    "pages",
    "android",
    "ios",
    "bundle",
    "store",
    "windows",
    "add",
    "extend",
]
VALUES: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["whatsapp", "chat", "wa.link", "google.com", "com.whatsapp", "local-chat"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(WORDS), below, max_size=6),
    max_leaves=12,
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(add=VALUES, extend=VALUES)
def test_any_values_give_a_catalogue_or_problems(vocabulary: Vocabulary, add: object, extend: object) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "00-school.yaml").write_text(SCHOOL)
        (Path(folder) / "45-apps.yaml").write_text(json.dumps({"apps": "x", "add": add, "extend": extend}))
        problems = _problems(Path(folder), vocabulary)

    assert all(problem.isprintable() for problem in problems)


def _problems(folder: Path, vocabulary: Vocabulary) -> list[str]:
    try:
        load(folder, vocabulary)
    except PlaybookError as error:
        return [str(problem) for problem in error.problems]
    return []
