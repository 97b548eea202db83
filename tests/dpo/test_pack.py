"""The data protection pack: facts from the playbooks, every permission named, and no decision made."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from xml.etree import ElementTree as ET

import pytest

import connectors.google_workspace
import connectors.microsoft365
from tests.door import SAMPLES, CommandResult, ask
from toolkit.dpo.facts import facts_of, permission_words
from toolkit.dpo.pack import DOCUMENTS, dpo_files
from toolkit.engine.doctor.required_permissions import work_out_permissions
from toolkit.playbook.load import load
from toolkit.sdk.connector import Identity
from toolkit.sdk.permission import Permission
from toolkit.sdk.providers import check_needs, kinds, providers

BLANK = "to fill in)"
ICO_STEPS = [
    "Step 1: Identify the need for a DPIA",
    "Step 2: Describe the processing",
    "Step 3: Consultation process",
    "Step 4: Assess necessity and proportionality",
    "Step 5: Identify and assess risks",
    "Step 6: Identify measures to reduce risk",
    "Step 7: Sign off and record outcomes",
]
TO_DECIDE = (
    *(
        "Lawful basis",
        "Is a DPIA needed",
        "High risk",
        "Is the tenant shared",
        "How long is it kept",
        "Measures accepted",
    ),
    *(
        "Residual risks",
        "DPO advice",
        "Summary of DPO advice",
        "Consultation responses",
        "Computer and operator",
        "Transfers",
    ),
    *("This DPIA will be kept", "Last reviewed", "how long names are kept", "data protection officer:"),
)
"""How lines begin, or what is in them, that are for people to fill in."""


@pytest.fixture(scope="module")
def pack_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Write the pack of the sample school over the command."""
    directory = tmp_path_factory.mktemp("dpo")
    answer = _pack(directory)
    assert answer.exit == 0, answer.err
    return {path.name: path.read_text(encoding="utf-8") for path in directory.iterdir()}


def _pack(directory: Path, *options: str) -> CommandResult:
    return ask("dpo-pack", SAMPLES, "-o", directory, *options)


def test_every_document_is_there_as_markdown_and_html_and_earlier_files_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "dpia.md").write_text("filled in")

    refused = _pack(tmp_path)

    assert (refused.exit, [path.name for path in tmp_path.iterdir()]) == (2, ["dpia.md"])
    assert (tmp_path / "dpia.md").read_text() == "filled in"
    forced = _pack(tmp_path, "--force")
    names = {*(f"{name}.{form}" for name in DOCUMENTS for form in ("md", "html")), "data-flow.svg"}
    assert (forced.exit, {Path(line).name for line in forced.out.splitlines()}) == (0, names)
    assert (tmp_path / "dpia.md").read_text() != "filled in"
    beneath = _pack(tmp_path / "dpia.md" / "dpo", "--force")
    assert (beneath.exit, "cannot be written to" in beneath.err) == (2, True), beneath.err


def test_every_permission_in_use_is_named_with_what_needs_it(pack_files: dict[str, str]) -> None:
    page = pack_files["permissions.md"].replace("\\", "")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    for needed in work_out_permissions(load(SAMPLES), list(Identity)):
        for permission in (*needed.permissions, *(one for more in needed.command_permissions.values() for one in more)):
            assert any(line.startswith(f"| {permission.name}") for line in rows), permission.name
        for need in needed.needs:
            assert any(need.permission.name in line and need.reasons[0].what.split(", ")[0] in line for line in rows)
    assert "can see who is absent" not in page
    assert re.search(r"see who is absent.*cannot|see who is absent.*open mail", page)


def test_every_permission_that_a_connector_declares_has_words() -> None:
    found = {
        permission.name.removeprefix("https://www.googleapis.com/auth/"): permission
        for name, provider in providers().items()
        for declared in (
            *(kind.permissions for kind in kinds(name).values()),
            *provider.uses().values(),
        )
        for permission in (*declared.read, *declared.write)
    }
    used = [one for needed in work_out_permissions(load(SAMPLES), list(Identity)) for one in needed.permissions]
    found |= {permission.name.removeprefix("https://www.googleapis.com/auth/"): permission for permission in used}
    logs = [p for name in providers() for kind in kinds(name).values() if kind.logged for p in kind.logged.permissions]
    found |= {permission.name.removeprefix("https://www.googleapis.com/auth/"): permission for permission in logs}
    found |= {
        permission.name.removeprefix("https://www.googleapis.com/auth/"): permission for permission in _constants()
    }
    assert all(isinstance(permission, Permission) for permission in found.values())
    assert len(check_needs("microsoft365")) > 3

    assert sorted(found.keys() - permission_words().keys()) == []
    assert all(words["can"] and words["cannot"] and words["stolen"] for words in permission_words().values())


def _constants() -> Iterator[Permission]:
    """Yield the permissions that modules of the connectors name, such as one that a check needs with some settings."""
    for connector in (connectors.microsoft365, connectors.google_workspace):
        for module in walk_packages(connector.__path__, f"{connector.__name__}."):
            values = vars(import_module(module.name)).values()
            yield from (value for value in values if isinstance(value, Permission))


def test_the_dpia_has_the_headings_of_the_ico_and_leaves_every_decision_blank(pack_files: dict[str, str]) -> None:
    headings = re.findall(r"^## (.*)$", pack_files["dpia.md"], re.MULTILINE)
    lines = [line for name in DOCUMENTS for line in pack_files[f"{name}.md"].splitlines()]

    assert headings == ICO_STEPS
    for begins in TO_DECIDE:
        found = [line for line in lines if begins in line and not line.startswith(("#", "| Measure |"))]
        assert found, begins
        assert [line for line in found if BLANK not in line] == [], begins
    risks = pack_files["dpia.md"].partition("| Risk |")[2].partition("## Step 6")[0].splitlines()[2:]
    assert [line for line in risks if line and line.count(BLANK) != 3] == []
    everything = " ".join(lines).casefold()
    for claim in (
        "is lawful",
        "is approved",
        "has been approved",
        "is compliant",
        "complies with",
        "low risk",
        "is proportionate",
    ):
        assert claim not in everything


def test_the_sample_school_is_in_it_and_what_it_does_not_have_is_not(pack_files: dict[str, str]) -> None:
    facts = facts_of(load(SAMPLES))

    assert facts.school in pack_files["dpia.html"]
    assert pack_files["our-data.md"].count("telemetry") == 1
    assert [one.title for one in facts.controls if one.title not in pack_files["dpia.md"]] == []
    assert "toolkit audit person ADDRESS" in pack_files["our-data.md"]
    assert "toolkit withdraw PLAYBOOKS" in pack_files["our-data.md"]
    assert "<table>" in pack_files["ropa.html"]
    assert [name for name, text in pack_files.items() if "{{" in text or "{%" in text or "None" in text] == []


def test_it_tells_what_commands_write_and_what_the_school_can_have_searched(pack_files: dict[str, str]) -> None:
    rows = {
        line.partition("(")[2].partition(")")[0].replace("\\", ""): line for line in pack_files["dpia.md"].splitlines()
    }
    notice = pack_files["staff-notice.md"]

    assert "read, and write with toolkit hold" in rows["data.hold"]
    assert "read and write, and write with toolkit device" in rows["device.lost_wipe"]
    assert rows["data.hold"].endswith("| 61-holds-and-leavers.yaml:9 |"), "the same on every computer"
    assert str(SAMPLES) not in pack_files["dpia.md"]
    assert "search and export your mail" in notice
    assert "compares e-mail with a list of words" in notice
    assert "no description" not in pack_files["permissions.md"]
    assert "or narrower: View-Only Audit Logs" not in pack_files["permissions.md"]


def test_the_picture_is_drawn_from_the_facts_and_is_the_same_each_time(pack_files: dict[str, str]) -> None:
    facts = facts_of(load(SAMPLES))
    svg = ET.fromstring(pack_files["data-flow.svg"])
    texts = ["".join(element.itertext()) for element in svg.iter("{http://www.w3.org/2000/svg}text")]

    assert dpo_files(facts) == pack_files
    assert [cloud for cloud in facts.clouds if cloud not in texts] == []
    assert ("Register of holds" in texts, "List of absences" in texts) == (facts.holds, facts.absences)


def test_words_of_a_playbook_are_no_marks_and_no_html(tmp_path: Path) -> None:
    school = (SAMPLES / "00-school.yaml").read_text()
    (tmp_path / "playbooks").mkdir()
    name = "St <b>Mary|s</b> *School* [x](y)"
    (tmp_path / "playbooks" / "00-school.yaml").write_text(
        re.sub(r"(?m)^school: .*$", f'school: "{name}"', school, count=1)
    )

    answer = ask("dpo-pack", tmp_path / "playbooks", "-o", tmp_path / "dpo")

    assert answer.exit == 0, answer.err
    page = (tmp_path / "dpo" / "ropa.html").read_text()
    assert "St &lt;b&gt;Mary|s&lt;/b&gt; *School* [x](y)" in page
