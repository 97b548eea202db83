"""A directory of playbooks is loaded as it is written, every word with its line."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from toolkit.errors import PlaybookError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.vocabulary import Vocabulary, installed_vocabulary
from toolkit.sdk.resource import Address, Handling, Mode, Origin

Files = Mapping[str, str | bytes]
Loaded = Callable[[Files], Playbooks]
Refused = Callable[[Files], list[str]]
Write = Callable[[Files], Path]

MAIL = """\
# what leaves the school
playbook: mail-footer
title: Every e-mail carries a footer
owner: Head Teacher
clauses: [EML-18]
mode: enforce
controls:
  - mail.footer:
      for: staff
      text_file: text/footer.html
  - mail.label:
      for: everyone
      mode: "off"
  - web.audit
resources:
  - microsoft365.transport_rule: A new address
    from_scope: NotInOrganization
    sent_to: {contains: [office@example-primary.example]}
    adopt: An old rule
    renamed_from: Another
    mode: check
  - microsoft365.external_tag:
    enabled: true
  - microsoft365.remote_domain: "*"
    enabled: false
"""
FOOTER = {"text/footer.html": "<p>{{ school.name }}, {{school.phone}}</p>"}


def test_a_playbook_is_loaded_as_written(load_files: Loaded) -> None:
    playbooks = load_files({"30-mail.yaml": MAIL, **FOOTER})

    (mail,) = playbooks.playbooks
    assert (mail.slug, mail.title, mail.owner) == ("mail-footer", "Every e-mail carries a footer", "Head Teacher")
    assert (mail.clauses, mail.mode, mail.path) == (("EML-18",), Mode.ENFORCE, "playbooks/30-mail.yaml")
    assert playbooks.root == Path("playbooks")


def test_a_control_carries_its_settings_lines_and_mode(load_files: Loaded) -> None:
    footer, label, audit = load_files({"30-mail.yaml": MAIL, **FOOTER}).playbooks[0].controls

    assert (footer.name, footer.settings.audience, footer.playbook) == ("mail.footer", "staff", "mail-footer")
    assert footer.settings.model_dump()["text_file"] == "<p>Example Primary School &amp; Nursery, 01632 960000</p>"
    assert footer.origin == Origin("playbooks/30-mail.yaml", 8)
    assert footer.lines == {"for": 9, "text_file": 10}
    assert [control.mode for control in (footer, label, audit)] == [Mode.ENFORCE, Mode.OFF, Mode.ENFORCE]


def test_a_resource_carries_its_settings_lines_and_handling(load_files: Loaded) -> None:
    rule, tag, domains = load_files({"30-mail.yaml": MAIL, **FOOTER}).playbooks[0].resources

    assert rule.address == Address("microsoft365", "transport_rule", "A new address")
    assert rule.written == {
        "from_scope": "NotInOrganization",
        "sent_to": {"contains": ["office@example-primary.example"]},
    }
    assert rule.origins["sent_to"] == Origin("playbooks/30-mail.yaml", 18)
    assert (rule.handling, rule.renamed_from, rule.mode) == (Handling(adopt="An old rule"), "Another", Mode.CHECK)
    assert (tag.name, tag.written, tag.mode) == ("ExternalTag", {"enabled": True}, Mode.ENFORCE)
    assert domains.name == "*"


def test_what_says_no_mode_has_that_of_the_school(load_files: Loaded) -> None:
    (playbook,) = load_files({"10-x.yaml": "playbook: x\ncontrols: [web.audit]\nresources:\n"}).playbooks

    assert (playbook.mode, playbook.controls[0].mode, playbook.title) == (Mode.CHECK, Mode.CHECK, "X")


def test_files_come_in_the_order_of_their_paths_and_private_and_hidden_ones_not_at_all(load_files: Loaded) -> None:
    playbooks = load_files(
        {
            "20-b.yml": "playbook: b",
            "10-a/1.yaml": "playbook: a",
            "30.yaml": "playbook: c",
            "private/holds.yaml": "[",
            ".git/x.yaml": "[",
            ".x.yaml": "[",
            "notes.txt": "[",
        }
    )

    assert [playbook.slug for playbook in playbooks.playbooks] == ["a", "b", "c"]


def test_a_file_that_only_nearly_has_the_name_of_a_playbook_is_refused(refused: Refused) -> None:
    names = {"10-a.yaml.txt": "10-a.yaml", "20-b.YAML": "20-b.yaml", "30-c.yml.TXT": "30-c.yml"}

    assert refused({**dict.fromkeys(names, "playbook: x"), "40-d.yaml.bak": "", "text/e.txt": ""}) == [
        f"playbooks/{name}:1: toolkit does not read a file with this name. Rename it to `{meant}`"
        for name, meant in names.items()
    ]


def test_files_of_other_kinds_are_kept(load_files: Loaded) -> None:
    others = load_files({"05-reporting.yaml": "reporting: []"}).others

    assert [source.path for source in others["reporting"]] == ["playbooks/05-reporting.yaml"]


@pytest.mark.usefixtures("write")
def test_no_file_at_all_names_the_school_file(vocabulary: Vocabulary) -> None:
    Path("playbooks").mkdir()

    with pytest.raises(PlaybookError, match=r"playbooks/00-school\.yaml:1: there is no school file. Write a file"):
        load(Path("playbooks"), vocabulary)


def test_a_place_that_is_not_there_is_said(vocabulary: Vocabulary, tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match="there is no such file or directory"):
        load(tmp_path / "gone", vocabulary)


def test_two_school_files_are_both_named(refused: Refused) -> None:
    school = "school: Other\n"

    assert refused({"01-school.yaml": school}) == [
        "playbooks/01-school.yaml:1: a second school file, in addition to playbooks/00-school.yaml"
    ]


def test_a_single_file_is_loaded_with_the_school_file_beside_it(write: Write, vocabulary: Vocabulary) -> None:
    root = write({"10-x.yaml": "playbook: x", "20-y.yaml": "playbook: y", "30-z.yaml": "["})

    playbooks = load(root / "10-x.yaml", vocabulary)

    assert [playbook.slug for playbook in playbooks.playbooks] == ["x"]
    assert playbooks.school.short_name == "EPS"


def test_a_link_that_leaves_the_directory_is_refused(write: Write, vocabulary: Vocabulary) -> None:
    root = write({"10-x.yaml": "playbook: x", "../outside.yaml": "playbook: y"})
    (root / "20-y.yaml").symlink_to("../outside.yaml")
    (root / "30-z.yaml").symlink_to("30-z.yaml")
    (root / "more").symlink_to("..")

    with pytest.raises(PlaybookError) as caught:
        load(root, vocabulary)

    assert [str(problem) for problem in caught.value.problems] == [
        "playbooks/20-y.yaml:1: is a link that leaves the directory of the playbooks",
        "playbooks/30-z.yaml:1: is a link that cannot be followed (Too many levels of symbolic links)",
        "playbooks/more:1: is a link to a directory, which is not followed",
    ]


def test_a_link_within_the_directory_is_read(write: Write, vocabulary: Vocabulary) -> None:
    root = write({".data/x.yaml": "playbook: x"})
    (root / "10-x.yaml").symlink_to(".data/x.yaml")

    assert [playbook.slug for playbook in load(root, vocabulary).playbooks] == ["x"]


def test_what_only_looks_like_a_file_is_refused(write: Write, vocabulary: Vocabulary) -> None:
    root = write({})
    (root / "10-x.yaml").symlink_to("gone.yaml")

    with pytest.raises(PlaybookError, match=r"playbooks/10-x\.yaml:1: is not a file"):
        load(root, vocabulary)


def test_the_digest_is_over_names_and_bytes_of_playbooks_and_texts(write: Write, vocabulary: Vocabulary) -> None:
    root = write({"30-mail.yaml": MAIL, **FOOTER, "text/unused.html": "x"})
    first = load(root, vocabulary).digest

    shutil.copytree(root, "elsewhere")
    (root / "text/unused.html").write_text("y")
    assert load(root, vocabulary).digest == first == load(Path("elsewhere"), vocabulary).digest

    (root / "text/footer.html").write_text("<p>Another</p>")
    second = load(root, vocabulary).digest
    (root / "30-mail.yaml").rename(root / "31-mail.yaml")
    third = load(root, vocabulary).digest
    assert len({first, second, third}) == 3


def test_everything_installed_can_be_named() -> None:
    words = installed_vocabulary()

    assert set(words.kinds) >= {"microsoft365"}
    assert "mail.disclaimer" in words.controls


def test_no_setting_of_a_kind_is_named_like_a_word_of_every_resource() -> None:
    reserved = {"mode", "adopt", "beside", "leave", "renamed_from"}

    taken = {
        name: reserved & set(kind.spec.model_fields) for name, (_, kind) in installed_vocabulary().kind_names().items()
    }

    assert {name: words for name, words in taken.items() if words} == {}
