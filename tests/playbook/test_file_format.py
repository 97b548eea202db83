"""The format of a school's files, and keys with a new name: both names are read for two minor versions."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.door import Door, ask
from tests.playbook.conftest import SCHOOL
from toolkit import __version__
from toolkit.errors import PlaybookError
from toolkit.playbook import vocabulary as installed
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.file_format import RENAMED, RenamedKey, earlier_keys, write_new_names, write_school_id
from toolkit.playbook.load import load
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.yaml.source import read_source

Files = Mapping[str, str | bytes]
Write = Callable[[Files], Path]
TELEPHONE = RenamedKey("school", ("telephone",), "phone", (0, 1))
ACCOUNT = RenamedKey("school", ("tenants", "*", "account"), "tenant_id", (0, 1))
FOOTER = RenamedKey("playbook", ("controls", "*", "mail.footer", "text"), "text_file", (0, 1))
ROWS = (TELEPHONE, ACCOUNT, FOOTER)
OLD_SCHOOL = SCHOOL.replace("phone:", "telephone :   # the office\n ").replace("tenant_id", '"account"')
OLD_FOOTER = """\
playbook: footer
# Why each mail has one.
controls:
  - mail.footer: {for: everyone, text: footer.txt}   # as the policy has it
"""


@pytest.fixture
def words(vocabulary: Vocabulary) -> Vocabulary:
    return replace(vocabulary, renamed=ROWS)


def test_a_school_file_without_a_format_has_the_first(load_files: Callable[[Files], Playbooks]) -> None:
    without, first = (load_files({"00-school.yaml": SCHOOL + more}).school for more in ("", "format: 1\n"))

    assert without == first


@pytest.mark.parametrize("written", ["0", "-1", "true", '"1"', "1.5", "{}"])
def test_what_is_no_format_is_a_problem_of_its_line(refused: Callable[[Files], list[str]], written: str) -> None:
    (problem,) = refused({"00-school.yaml": f"{SCHOOL}format: {written}\n"})
    assert problem.startswith("playbooks/00-school.yaml:10: `format` must be ")


def test_a_newer_format_is_the_one_problem_that_is_named(refused: Callable[[Files], list[str]]) -> None:
    newer = {"00-school.yaml": f"{SCHOOL}future: true\nformat: 2\n", "10-a.yaml": "playbook: a\nfuture: true\n"}

    (problem,) = refused(newer)

    assert problem == (
        f"playbooks/00-school.yaml:11: the school's files have format 2, and this toolkit ({__version__}) reads"
        " formats up to 1. Install the version that wrote them, or a later version"
    )


def test_a_newer_format_ends_every_command_with_2(bare_door: Door) -> None:
    school = bare_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("\nformat: 1\n", "\nformat: 2\n"))

    answers = [bare_door.toolkit(command) for command in ("validate", "plan", "drift", "doctor", "check")]

    assert [answer.exit for answer in answers] == [2] * 5
    assert {"the school's files have format 2" in answer.err for answer in answers} == {True}


def test_an_earlier_name_is_read_as_the_new_one_and_its_line_is_shown_with_it(write: Write, words: Vocabulary) -> None:
    root = write({"00-school.yaml": OLD_SCHOOL, "10-footer.yaml": OLD_FOOTER, "footer.txt": "EPS"})

    playbooks = load(root, words)

    assert playbooks.school.phone == "01632 960000"
    assert playbooks.school.tenants["microsoft365"].id == "emulated"
    told = [(problem.path, problem.line, problem.message.partition(",")[0]) for problem in playbooks.earlier_keys]
    assert told == [
        ("playbooks/00-school.yaml", 5, "`telephone` is called `phone` since toolkit 0.1"),
        ("playbooks/00-school.yaml", 8, "`account` is called `tenant_id` since toolkit 0.1"),
        ("playbooks/10-footer.yaml", 4, "`text` is called `text_file` since toolkit 0.1"),
    ]
    assert playbooks.earlier_keys[1].message.endswith(
        ", and toolkit 0.3 and later versions refuse `account`. Write "
        "`microsoft365: {tenant_id: emulated, domain: example-primary.example}`, or run `toolkit validate --fix`"
    )


@pytest.mark.parametrize(("version", "read"), [("0.1.0", True), ("0.2.9", True), ("0.3.0", False), ("1.0.0", False)])
def test_an_earlier_name_is_read_in_two_minor_versions(version: str, read: bool) -> None:  # noqa: FBT001 - a case
    assert TELEPHONE.is_readable_by(version) is read


def test_a_name_that_is_no_longer_read_is_a_problem_and_its_new_line_is_shown(
    write: Write, vocabulary: Vocabulary
) -> None:
    words = replace(vocabulary, renamed=(replace(TELEPHONE, since=(0, -1)),))
    root = write({"00-school.yaml": SCHOOL.replace("phone", "telephone")})

    with pytest.raises(PlaybookError) as caught:
        load(root, words)

    (problem,) = caught.value.problems
    assert (problem.line, "Write `phone: 01632 960000`" in problem.message) == (5, True)


def test_both_names_at_once_are_a_problem_and_are_not_rewritten(write: Write, words: Vocabulary) -> None:
    both = SCHOOL + "telephone: 01632 960001\n"
    root = write({"00-school.yaml": both})

    with pytest.raises(PlaybookError) as caught:
        load(root, words)

    (problem,) = caught.value.problems
    assert (problem.line, problem.message) == (
        10,
        "`telephone` is the earlier name of `phone`, but both are present. Delete `telephone`",
    )
    assert write_new_names(root, ROWS) == []
    assert (root / "00-school.yaml").read_text() == both


ENDINGS: Sequence[Callable[[str], bytes]] = (
    str.encode,
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.encode("utf-8-sig"),
)


@pytest.mark.parametrize("written", ENDINGS, ids=["unix", "windows", "byte order mark"])
def test_rewriting_changes_the_keys_and_no_other_byte(
    write: Write, words: Vocabulary, written: Callable[[str], bytes]
) -> None:
    school, footer = f"# Café 🏫\n{OLD_SCHOOL}", OLD_FOOTER
    root = write({"00-school.yaml": written(school), "10-footer.yaml": written(footer), "footer.txt": "EPS"})
    (root / "20-broken.yaml").write_text("playbook: [\n")

    fixed = write_new_names(root, words.renamed)

    assert [earlier.renamed for earlier in fixed] == [*ROWS]
    after = school.replace("telephone", "phone").replace('"account"', "tenant_id")
    assert (root / "00-school.yaml").read_bytes() == written(after)
    assert (root / "10-footer.yaml").read_bytes() == written(footer.replace("text:", "text_file:"))
    assert write_new_names(root, words.renamed) == []


def test_a_rewritten_file_keeps_its_mode_and_a_link_stays_one(write: Write, tmp_path: Path) -> None:
    root = write({"shared.yml.txt": OLD_SCHOOL})
    (root / "00-school.yaml").unlink()
    (root / "00-school.yaml").symlink_to("shared.yml.txt")
    (root / "shared.yml.txt").chmod(0o640)

    write_new_names(root, ROWS)

    assert (root / "00-school.yaml").is_symlink()
    assert "\nphone " in (root / "shared.yml.txt").read_text()
    assert (root / "shared.yml.txt").stat().st_mode & 0o777 == 0o640
    assert list(root.glob(".*")) == []


def test_validate_shows_the_new_line_and_fix_writes_it(bare_door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "RENAMED", (TELEPHONE,))
    school = bare_door.playbooks / "00-school.yaml"
    before = school.read_text().replace("short_name:", "id: k4v7m2qd\nshort_name:")
    school.write_text(before.replace("\nphone:", "\ntelephone:"))
    line = before[: before.index("\nphone:")].count("\n") + 2

    warned, planned = bare_door.toolkit("validate"), bare_door.toolkit("plan")
    listed = bare_door.toolkit("validate", "--json").json["deprecated"]
    fixed, again = bare_door.toolkit("validate", "--fix"), bare_door.toolkit("validate", "--fix", "--json")

    told = f"{school}:{line}: `telephone` is called `phone` since toolkit 0.1"
    assert (warned.exit, planned.exit, fixed.exit, again.exit) == (0, 0, 0, 0)
    assert f"! {told}" in warned.out
    assert f"toolkit: {told}" in planned.err
    assert [(entry["path"], entry["line"]) for entry in listed] == [(str(school), line)]
    assert fixed.err == f"{school}:{line}: `telephone: 01632 960000` is now `phone: 01632 960000`\n"
    assert "!" not in fixed.out
    assert (again.json["deprecated"], again.json["fixed"]) == ([], [])
    assert school.read_text() == before


def test_no_sample_has_a_key_with_a_new_name() -> None:
    samples = Path(__file__).parents[2] / "playbooks"
    files = [read_source(file, relative=file.name) for file in samples.rglob("*.yaml") if "private" not in file.parts]
    assert [earlier for source in files for earlier in earlier_keys(source, RENAMED)] == []
    assert ask("validate", samples).exit == 0


NO_ID = "# Café 🏫\nschool: Example Primary School\nshort_name: EPS\ndomains: [example-primary.example]\n"


@pytest.mark.parametrize("written", ENDINGS, ids=["unix", "windows", "byte order mark"])
def test_an_id_is_written_once_and_no_other_byte_changes(write: Write, written: Callable[[str], bytes]) -> None:
    root = write({"00-school.yaml": written(NO_ID), "10-footer.yaml": OLD_FOOTER, "footer.txt": "EPS"})

    place = write_school_id(root, "k4v7m2qd")

    assert place is not None
    assert (place.path, place.line, place.message) == ("playbooks/00-school.yaml", 3, "`id: k4v7m2qd`")
    after = NO_ID.replace("short_name", "id: k4v7m2qd\nshort_name")
    assert (root / "00-school.yaml").read_bytes() == written(after)
    assert write_school_id(root, "other000") is None
    assert (root / "00-school.yaml").read_bytes() == written(after)


def test_an_id_is_not_put_into_a_school_file_in_one_line(write: Write) -> None:
    flow = "{school: Example Primary School, short_name: EPS}\n"
    root = write({"00-school.yaml": flow})

    assert write_school_id(root, "k4v7m2qd") is None
    assert (root / "00-school.yaml").read_text() == flow


def test_fix_writes_an_id_that_stays_and_the_id_of_the_sample_is_for_emulated_tenants(bare_door: Door) -> None:
    school = bare_door.playbooks / "00-school.yaml"

    fixed = bare_door.toolkit("validate", "--fix")
    first = school.read_text()
    again = bare_door.toolkit("validate", "--fix")

    (written,) = [line for line in first.splitlines() if line.startswith("id: ")]
    assert re.fullmatch(r"id: [a-z][a-z0-9]{7}", written)
    assert (
        f"00-school.yaml:{first.splitlines().index(written) + 1}: `{written}` was added. Do not change it" in fixed.err
    )
    assert (fixed.exit, again.exit, school.read_text()) == (0, 0, first)
    for wrong, message in (("example1", "is the sample's"), ("EPS", "is not a school's id")):
        school.write_text(first.replace(written, f"id: {wrong}"))
        refused = bare_door.toolkit("validate")
        assert refused.exit == 2
        assert message in refused.err
