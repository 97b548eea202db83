"""`toolkit init --trust` takes the schools, tenants and groups from the folders of schools that exist."""

from pathlib import Path

import pytest

from tests.door import ask
from toolkit.trust.load import load_trust

SCHOOL = """\
school: {name}
short_name: {short}
format: 1
time_zone: Europe/London
domains: [{domain}]
tenants:
  microsoft365: {{tenant_id: {tenant}, domain: {main}}}
roles:
  staff: {{microsoft365: staff@{domain}}}
  choir: {{microsoft365: choir@{domain}}}
protected: {{accounts: [breakglass@{main}]}}
mode: check
"""
RULES = """\
playbook: rules
title: Rules
owner: Chief Executive
controls:
  - mail.external_tag: {for: everyone}
"""
FIRST, SECOND = (f"{digit * 8}-1111-1111-1111-111111111111" for digit in "12")
TENANTS = {"one tenant": (FIRST, FIRST), "own tenants": (FIRST, SECOND)}


@pytest.fixture(params=TENANTS)
def folders(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.chdir(tmp_path)
    written = []
    for name, tenant in zip(("oak", "elm"), TENANTS[request.param], strict=True):
        folder = Path(name)
        folder.mkdir()
        main = "harbour.example" if request.param == "one tenant" else f"{name}.example"
        names = {"name": f"{name.title()} Primary School", "short": name.upper(), "domain": f"{name}.example"}
        (folder / "00-school.yaml").write_text(SCHOOL.format(**names, tenant=tenant, main=main))
        (folder / "10-rules.yaml").write_text(RULES)
        (folder / "20-own.yaml").write_text(RULES.replace("rules", name).replace("[everyone]", "[staff]"))
        written.append(folder)
    return written


def test_the_schools_of_folders_become_a_trust_that_validates(
    folders: list[Path], request: pytest.FixtureRequest
) -> None:
    options = [word for folder in folders for word in ("--school-folder", str(folder))]

    made = ask("init", "trust", "--trust", "Harbour Learning Trust", *options)

    trust = load_trust(Path("trust"))
    is_shared = len(trust.tenants) == 1
    validated = ask("validate", "trust", *([] if is_shared else ["--tenant", "oak"]))
    assert (made.exit, validated.exit) == (0, 0), made.err + validated.err
    assert [school.name for school in trust.schools.values()] == ["Oak Primary School", "Elm Primary School"]
    assert trust.tenants.keys() == ({"main"} if is_shared else {"oak", "elm"})
    place = trust.schools["OAK"].places["microsoft365"]
    assert {"staff": "staff@oak.example", "choir": "choir@oak.example"}.items() <= place.roles.items()
    assert place.roles.get("everyone") == ("fill-in-oak@harbour.example" if is_shared else None)
    assert (Path("trust") / "base" / "10-rules.yaml").read_text() == RULES
    assert not (Path("trust") / "base" / "20-own.yaml").exists()
    assert "oak/20-own.yaml differs or is missing in a school, so it is not copied" in made.out
    assert (folders[0] / "00-school.yaml").exists()


def test_a_folder_of_a_school_is_only_for_a_trust(folders: list[Path]) -> None:
    refused = ask("init", "new", "--school-folder", folders[0])

    assert refused.exit == 2
    assert "--school-folder is only for --trust" in refused.err


def test_two_schools_with_the_same_short_name_are_refused(folders: list[Path]) -> None:
    file = folders[1] / "00-school.yaml"
    file.write_text(file.read_text().replace("short_name: ELM", "short_name: OAK"))

    refused = ask("init", "trust", "--trust", "Harbour", "--school-folder", folders[0], "--school-folder", folders[1])

    assert refused.exit == 2
    assert "two folders have schools with the same short name" in refused.err
    assert not Path("trust").exists()
