"""Text files carry the school's values into mails and pages, and never come from outside the playbooks."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from toolkit.errors import PlaybookError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.vocabulary import Vocabulary

Files = Mapping[str, str | bytes]
Write = Callable[[Files], Path]


def _playbook(path: str) -> str:
    return f"playbook: x\ncontrols:\n  - mail.footer:\n      for: staff\n      text_file: {path}\n"


def _text(playbooks: Playbooks) -> object:
    return playbooks.playbooks[0].controls[0].settings.model_dump()["text_file"]


FILLED = {
    "every value": (
        "a.txt",
        "{{ school.name }}|{{school.short_name}}|{{ school.domain }}|{{  school.phone  }}",
        "Example Primary School & Nursery|EPS|example-primary.example|01632 960000",
    ),
    "escaped in HTML": ("a.html", "<b>{{ school.name }}</b>", "<b>Example Primary School &amp; Nursery</b>"),
    "other braces": ("a.txt", "{ school.name } }}", "{ school.name } }}"),
    "a byte order mark": ("a.txt", "\ufeffHello", "Hello"),
}


@pytest.mark.parametrize(("name", "content", "text"), FILLED.values(), ids=FILLED)
def test_the_values_of_the_school_are_filled_in(
    load_files: Callable[[Files], Playbooks], name: str, content: str, text: str
) -> None:
    playbooks = load_files({"10-x.yaml": _playbook(name), name: content})

    assert _text(playbooks) == text


def test_a_text_is_relative_to_its_playbook_and_may_lie_above_it(load_files: Callable[[Files], Playbooks]) -> None:
    playbooks = load_files({"mail/10-x.yaml": _playbook("../text/a.txt"), "text/a.txt": "Hello"})

    assert _text(playbooks) == "Hello"


BAD: Mapping[str, tuple[str, str | bytes, str]] = {
    "another file": ("text/b.html", "x", "there is no file `text/b.html`: did you mean `text/a.html`?"),
    "another folder": ("txt/a.html", "x", "there is no file `txt/a.html`"),
    "a folder": ("text", "x", "there is no file `text`"),
    "a path upwards": ("../secret.txt", "x", "`../secret.txt` leaves the directory of the playbooks"),
    "a path up and down": ("text/../../secret.txt", "x", "`text/../../secret.txt` leaves the directory of the playb"),
    "an absolute path": ("/etc/passwd", "x", "`/etc/passwd` leaves the directory of the playbooks"),
    "a long name": ("a" * 300, "x", f"`{'a' * 57}...` cannot be read"),
    "an unknown value": (
        "text/a.html",
        "\n{{ school.nam }}",
        "text/a.html:2: unknown placeholder `school.nam`: did you mean `school.name`?",
    ),
    "a value that is not set": (
        "text/a.html",
        "{{ school.website }}",
        "text/a.html:1: the school file does not have `website`, which is used here",
    ),
    "latin-1": ("text/a.html", "\nCafé".encode("latin-1"), "text/a.html:2: is not UTF-8 text. Save the file as UTF-8"),
    "a NUL": ("text/a.html", "\0", "text/a.html:1: a control character (U+0000). Delete it"),
    "nothing": ("text/a.html", "\n", "`text/a.html` is empty"),
    "too much": ("text/a.html", "x" * 100_001, "`text/a.html` is larger than 100 KB"),
}


@pytest.mark.parametrize(("path", "content", "message"), BAD.values(), ids=BAD)
def test_a_text_that_cannot_be_used_is_refused_in_its_playbook(
    refused: Callable[[Files], list[str]], path: str, content: str | bytes, message: str
) -> None:
    problems = refused({"10-x.yaml": _playbook(path), "text/a.html": content, "../secret.txt": "secret"})

    assert len(problems) == 1
    assert problems[0].startswith(f"playbooks/10-x.yaml:5: `text_file`: {message}")


@pytest.mark.parametrize("target", ["../../secret.txt", "/etc/passwd"])
def test_a_link_that_leaves_the_playbooks_is_refused(write: Write, vocabulary: Vocabulary, target: str) -> None:
    root = write({"10-x.yaml": _playbook("text/a.html"), "text/b.html": "x", "../secret.txt": "secret"})
    (root / "text/a.html").symlink_to(target)

    with pytest.raises(PlaybookError, match=r":5: `text_file`: `text/a\.html` leaves the directory of the playbooks"):
        load(root, vocabulary)


def test_a_link_to_itself_is_refused(write: Write, vocabulary: Vocabulary) -> None:
    root = write({"10-x.yaml": _playbook("a.html")})
    (root / "a.html").symlink_to("a.html")

    with pytest.raises(PlaybookError, match=r":5: `text_file`: `a\.html` cannot be read"):
        load(root, vocabulary)
