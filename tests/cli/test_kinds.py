"""`toolkit kinds`: a reader who knows Exchange finds every setting with its meaning, its limits and an example."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.door import SAMPLES, Door, ask
from tests.pages import COMMON, reference_page, used_settings, write
from tests.schools import with_people
from toolkit.controls.control import controls
from toolkit.playbook.vocabulary import installed_vocabulary
from toolkit.render.reference.reference import kind_reference
from toolkit.render.reference.setting_reference import NULL_ALONE, format_as_yaml_line
from toolkit.values import Json

pytestmark = with_people(users=24, staff=10)

DOCS = Path(__file__).parents[2] / "docs"
KINDS = installed_vocabulary().kind_names()
NAMES = [*KINDS, *controls()]


def _lines_of(text: str) -> Iterator[str]:
    return (line for line in text.splitlines())


def test_without_a_name_it_lists_every_kind_and_every_control(bare_door: Door) -> None:
    answered = bare_door("kinds")

    assert answered.exit == 0
    assert all(f"  {name} " in answered.out for name in NAMES)
    assert "created, changed, deleted, ordered" in answered.out
    assert [line for line in answered.out.splitlines() if line and line[0] != " "][:2] == [
        "Google Workspace",
        "Microsoft 365",
    ]
    assert {entry["name"] for entry in bare_door("kinds", "--json").json["kinds"]} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_with_a_name_it_explains_it_whole_in_a_hundred_columns(name: str) -> None:
    answered = ask("kinds", name)

    assert answered.exit == 0
    assert answered.out.startswith(f"{name}: ")
    wide = [line for line in answered.out.splitlines() if len(line) > 100]
    assert [line for line in wide if not _cannot_be_broken(line)] == []
    assert ask("kinds", name, "--json").json["name"] == name


def _cannot_be_broken(line: str) -> bool:
    """Say whether a line holds an address, or an example as one would write it."""
    return "https://" in line or bool(re.match(r" +\w+: \S", line))


@pytest.mark.parametrize("name", KINDS)
def test_every_setting_of_a_kind_says_its_meaning_what_silence_means_and_an_example(name: str) -> None:
    explained = [setting for group in kind_reference(name, KINDS[name][1]).groups for setting in group.settings]

    assert sorted(setting.name for setting in explained) == sorted(KINDS[name][1].spec.table())
    for setting in explained:
        example = YAML(typ="safe", pure=True).load(setting.example)
        assert setting.meaning.endswith("."), setting.name
        assert setting.takes, setting.name
        assert setting.silence, setting.name
        assert list(example) == [setting.name]
        assert example[setting.name] is not None or setting.takes == NULL_ALONE, setting.name


def test_every_sample_is_an_entry_that_validates(wide_door: Door) -> None:
    for number, name in enumerate(KINDS):
        sample = KINDS[name][1].sample.replace("\n", "\n  ")
        wide_door.write(f"{name}.yaml", f"playbook: sample-{number}\nresources:\n  {sample}\n")

    answered = wide_door.toolkit("validate")

    assert answered.exit == 0, answered.err


def test_every_sample_of_a_control_validates(bare_door: Door) -> None:
    bare_door.write("text/disclaimer.html", "<p>sent from Example Primary School</p>")
    bare_door.write("private/absences.csv", "person,from,to\n")
    bare_door.write("text/filter-probes.txt", "blocked https://test.example/\n")
    for register in (
        "devices.csv",
        "watched-words.txt",
        "website-editors.csv",
        "website-users.csv",
        "monitoring-alerts.csv",
        "monitoring-notice.txt",
    ):
        bare_door.write(f"text/{register}", (SAMPLES / "text" / register).read_text())
    for text in ("closed", "out-of-office", "outside"):
        bare_door.write(f"text/{text}.txt", "Closed until {back}.")
    school = bare_door.playbooks / "00-school.yaml"
    governors = "roles:\n  governors: {microsoft365: leadership@example-primary.example}\n"
    school.write_text(school.read_text().replace("roles:\n", governors, 1))
    for number, name in enumerate(controls()):
        sample = bare_door("kinds", name, "--json").json["sample"].replace("\n", "\n  ")
        bare_door.write(f"{name}.yaml", f"playbook: sample-{number}\ncontrols:\n  {sample}\n")

    answered = bare_door.toolkit("validate")

    assert answered.exit == 0, answered.err


def test_a_mail_rule_is_told_in_groups_with_the_names_that_exchange_uses(bare_door: Door) -> None:
    out = bare_door("kinds", "microsoft365.transport_rule").out

    headings = [line for line in _lines_of(out) if line and not line.startswith(" ")][1:]
    assert headings == [
        "Sender conditions", "Recipient conditions", "Message conditions", "Attachment conditions",
        "Sender exceptions", "Recipient exceptions", "Message exceptions", "Attachment exceptions",
        "Delivery actions", "Content actions", "Report actions", "Rule options", "Not compared",
    ]  # fmt: skip
    assert "  scl_over   (SCLOver)" in out
    assert "  Priority: The order of the rules is compared instead." in out
    assert "to write       Exchange.ManageAsApp (Office 365 Exchange Online); Exchange Administrator" in out


def test_a_control_says_what_each_provider_makes_of_it(bare_door: Door) -> None:
    out = bare_door("kinds", "mail.personal_label").out

    assert "Parts on Microsoft 365" in out
    assert "mail without the label: manual: personal mail without a label" in out
    assert "= microsoft365.transport_rule[School personal label]" in out


def test_the_short_name_is_enough(bare_door: Door) -> None:
    assert bare_door("kinds", "transport_rule").out == bare_door("kinds", "microsoft365.transport_rule").out


def test_the_beginning_of_several_names_lists_them() -> None:
    listed = ask("kinds", "mail", "--json").json["kinds"]

    assert {entry["name"] for entry in listed} == {
        name for name in NAMES if name.startswith("mail") or name.partition(".")[2].startswith("mail")
    }
    assert [line.split()[0] for line in ask("kinds", "transport").out.splitlines()] == [
        "Microsoft",
        "microsoft365.transport_rule",
    ]
    assert ask("kinds", "").exit == 2


@pytest.mark.parametrize(
    ("written", "meant"),
    [("microsoft365.transportrule", "microsoft365.transport_rule"), ("mail.disclamer", "mail.disclaimer")],
)
def test_a_misspelt_name_is_answered_with_the_right_one(bare_door: Door, written: str, meant: str) -> None:
    answered = bare_door("kinds", written)

    assert answered.exit == 2
    assert answered.err == f"toolkit: no kind or control is called {written}: did you mean `{meant}`?\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("yes", "'yes'"), ("it's", "'it''s'"), ("Off", "'Off'"), ("a b", "a b"), ("", "''"), (True, "true"), (6, "6"),
        (["a,b", "c"], "['a,b', c]"), ({"contains": ["x"]}, "{contains: [x]}"), (r"^\d+", r"'^\d+'"), ("12", "'12'"),
    ],
)  # fmt: skip
def test_an_example_is_written_so_that_yaml_reads_it_back(value: Json, written: str) -> None:
    assert format_as_yaml_line(value) == written
    assert YAML(typ="safe", pure=True).load(f"x: {written}") == {"x": value}


@pytest.fixture(scope="module")
def used_by_the_samples() -> Mapping[str, Sequence[str]]:
    return used_settings()


@pytest.mark.parametrize("name", [name for name in KINDS if len(KINDS[name][1].spec.model_fields) > COMMON])
def test_a_long_page_shows_what_the_sample_school_uses_first_and_names_every_setting_once(
    name: str, used_by_the_samples: Mapping[str, Sequence[str]]
) -> None:
    reference = kind_reference(name, KINDS[name][1])
    used = used_by_the_samples.get(name, [])

    page = reference_page(reference, used)

    first, _, folded = page.partition("## Other settings")
    settings = [setting.name for group in reference.groups for setting in group.settings]
    shown = re.findall(r"^### (\S+)$", first, re.MULTILINE)
    assert shown == (list(used[:COMMON]) or settings)
    listed = re.findall(r"^- \*\*`(\S+)`\*\*:", folded, re.MULTILINE)
    assert listed == [setting for setting in settings if setting not in shown]


def test_the_pages_in_docs_are_what_is_generated_and_those_of_what_is_no_more_go_away(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "microsoft365.gone.md").write_text("gone")

    write(tmp_path)

    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.md")}
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.glob("*/*")}
    stale = [path for path in sorted(written) if not _same(DOCS / path, (tmp_path / path).read_text(encoding="utf-8"))]
    assert stale == [], "run `.venv/bin/python -m tests.pages docs`"
    assert {path for path in there if path.startswith(("kinds/", "controls/"))} <= written
    assert "kinds/microsoft365.gone.md" not in written
    emulated = (tmp_path / "emulator.md").read_text()
    assert emulated.startswith("# What is emulated")
    assert "| `GET /users/{id}` |" in emulated
    assert "| `POST /{tenant}/oauth2/v2.0/token` |" in emulated


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def test_a_kind_with_one_object_says_that_it_has_no_name() -> None:
    name = "microsoft365.external_in_outlook"

    reference = kind_reference(name, KINDS[name][1])

    assert ("names", "a tenant has only one, so leave the name out") in reference.facts
