"""trust.yaml describes a trust's tenants and schools. Every mistake is reported with its line."""

from pathlib import Path

import pytest

from tests.door import ask
from toolkit.errors import PlaybookError
from toolkit.playbook.files import is_trust
from toolkit.school.school import ProtectedList, Role, Tenant
from toolkit.sdk.resource import Mode
from toolkit.trust.load import load_trust

THREE_SCHOOLS = """\
trust: Harbour Learning Trust
format: 1
tenants:
  main:                # one or both clouds: one ledger, one lock, one subprocess
    microsoft365: {tenant_id: 11111111-1111-1111-1111-111111111111, domain: harbour.example}
    google_workspace: {customer_id: C01abcdef, domain: harbour.example}
    env: secrets/main.env
base: base/            # policy, playbooks, texts with {school.name}
mode: check
protected: {accounts: [breakglass@harbour.example]}
decides:               # not listed: the trust
  school: [mail.closure_reply, mail.mass_list_moderation]
  school_may_tighten: [web.social_block, device.compliance]
schools:
  OAK:
    name: Oak Primary School
    domains: [oak.example]
    microsoft365: {everyone: oak-all@harbour.example, staff: oak-staff@harbour.example, devices: oak-devices}
    google_workspace: {unit: /Oak}
    owner: Head Teacher, Oak
  ELM:
    name: Elm Primary School
    domains: [elm.example]
    microsoft365: {everyone: elm-all@harbour.example, staff: elm-staff@harbour.example, devices: elm-devices}
    folder: schools/elm
  HQ: {name: Central team, central: true, microsoft365: {everyone: hq@harbour.example}, google_workspace: {unit: /HQ}}
people: {home_from: department, homes: {Oak: OAK, Elm: ELM}}
waves: [[OAK], [ELM, HQ]]
settle: 2              # school days
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a trust, below the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("base", "schools/elm"):
        (tmp_path / "trust" / name).mkdir(parents=True)
    (tmp_path / "trust" / "trust.yaml").write_text(THREE_SCHOOLS)
    return Path("trust")


def _problems(folder: Path, text: str) -> list[str]:
    (folder / "trust.yaml").write_text(text)
    with pytest.raises(PlaybookError) as caught:
        load_trust(folder)
    return [str(problem).removeprefix("trust/") for problem in caught.value.problems]


def test_a_trust_of_three_schools_is_read_as_written(folder: Path) -> None:
    trust = load_trust(folder)

    assert (trust.name, trust.short_name, trust.mode, trust.settle) == ("Harbour Learning Trust", "HLT", Mode.CHECK, 2)
    assert trust.protected == ProtectedList(accounts=("breakglass@harbour.example",))
    main = trust.tenants["main"]
    assert main.clouds["microsoft365"] == Tenant("11111111-1111-1111-1111-111111111111", "harbour.example")
    assert (main.env, main.origin.line) == (folder / "secrets/main.env", 4)
    assert [school.short_name for school in trust.schools_of("main")] == ["OAK", "ELM", "HQ"]
    oak = trust.schools["OAK"]
    assert oak.roles()["staff"] == Role(
        "staff", {"microsoft365": "oak-staff@harbour.example"}, {"google_workspace": "/Oak/Staff"}
    )
    assert oak.roles()["everyone"].units == {"google_workspace": "/Oak"}
    assert trust.schools["ELM"].places.keys() == {"microsoft365"}
    assert trust.schools["ELM"].folder == folder / "schools/elm"
    assert trust.schools["HQ"].roles().keys() == {"everyone"}
    assert trust.homes.by_value == {"Oak": "OAK", "Elm": "ELM"}
    assert (trust.waves, trust.wave_of("HQ")) == ((("OAK",), ("ELM", "HQ")), 1)
    assert (is_trust(folder), is_trust(folder / "trust.yaml"), is_trust(folder / "base")) == (True, True, False)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("mode: check", "mood: check", "9: unknown key `mood`: did you mean `mode`?"),
        ("settle: 2", "settle: -1", "29: `settle` must be 0 or more"),
        ("domains: [oak.example]", "domains: []", "15: OAK needs `domains`, or `central: true` if it is not a school"),
        ("domains: [elm.example]", "domains: [oak.example]", "23: `oak.example` is also a domain of OAK"),
        ("elm-all@harbour", "oak-all@harbour", "24: `oak-all@harbour.example` is also a group or unit of OAK"),
        ("unit: /HQ", "unit: /Oak/HQ", "26: `/Oak/HQ` is inside `/Oak`, the unit of OAK"),
        ("unit: /HQ", "unit: HQ", '26: `schools.HQ.google_workspace.unit`: "HQ" is not an organisational unit'),
        (
            "everyone: oak-all@harbour.example",
            "everyone: oak.example",
            "18: `oak.example` is a domain. Write the group",
        ),
        ("everyone: oak-all@harbour.example, ", "", "18: OAK needs `everyone`, because ELM is in the same tenant"),
        ("{unit: /Oak}", "{unit: /Oak, staff: Staff}", "19: `Staff` is neither a group's address nor a unit"),
        ("base: base/", "base: bas/", "8: there is no folder `trust/bas`"),
        ("base: base/", "base: ../base", '8: `base`: "../base" must be a path below the folder of trust.yaml'),
        ("folder: schools/elm", "folder: base", "25: is also the folder of the trust's `base`"),
        ("folder: schools/elm", "folder: schools/ash", "25: there is no folder `trust/schools/ash`"),
        ("mail.closure_reply", "mail.closure_replies", "12: `mail.closure_replies` is not a control: did you mean"),
        ("[web.social_block,", "[mail.closure_reply,", "13: `mail.closure_reply` is also under `school`"),
        ("Elm: ELM", "Elm: ELF", "27: `ELF` is not a school of the trust: did you mean `ELM`?"),
        ("[[OAK], [ELM, HQ]]", "[[OAK], [OAK, ELM, HQ]]", "28: `OAK` is already in wave 1"),
        ("[[OAK], [ELM, HQ]]", "[[OAK], [ELM]]", "28: no wave has HQ: add each school to a wave"),
        ("[[OAK], [ELM, HQ]]", "[[OAK], [ELM, HQ, ASH]]", "28: `ASH` is not a school of the trust"),
        ("people: {home_from: department, homes: {Oak: OAK, Elm: ELM}}", "people: home.csv", "27: there is no file"),
        ("  ELM:\n", "  all:\n", '21: `schools.all`: "all" is not a school\'s short name'),
        ("microsoft365: {everyone: hq@", "microsoft365: {tenant: min, everyone: hq@", "26: `min` is not a tenant on"),
    ],
)
def test_a_mistake_is_reported_with_its_line(folder: Path, before: str, after: str, problem: str) -> None:
    assert before in THREE_SCHOOLS

    problems = _problems(folder, THREE_SCHOOLS.replace(before, after, 1))

    assert any(written.startswith(f"trust.yaml:{problem}") for written in problems), problems


def test_all_mistakes_are_reported_at_once(folder: Path) -> None:
    text = THREE_SCHOOLS.replace("base: base/", "base: bas/").replace("[elm.example]", "[oak.example]")

    assert len(_problems(folder, text)) == 2


def test_a_school_names_its_tenant_if_the_trust_has_two(folder: Path) -> None:
    second = "  fir:\n    microsoft365: {tenant_id: 22222222-2222-2222-2222-222222222222, domain: fir.example}\nbase:"
    text = THREE_SCHOOLS.replace("base:", second, 1)
    fir = "  FIR: {name: Fir School, domains: [fir.example], microsoft365: {tenant: fir}}\npeople:"

    problems = _problems(folder, text)
    named = text.replace("microsoft365: {everyone", "microsoft365: {tenant: main, everyone")
    (folder / "trust.yaml").write_text(named.replace("people:", fir).replace("[ELM, HQ]", "[ELM, HQ, FIR]"))
    trust = load_trust(folder)

    assert sum("does not name its tenant, and the trust has 2 on microsoft365" in problem for problem in problems) == 3
    assert "trust.yaml:8: no school is in the tenant `fir`: delete the entry" in problems
    assert trust.schools["FIR"].tenants == {"fir"}
    assert not trust.shares_tenant(trust.schools["FIR"], "microsoft365")
    assert trust.shares_tenant(trust.schools["OAK"], "microsoft365")


def test_homes_are_read_from_a_file_with_the_line_of_each_mistake(folder: Path) -> None:
    text = THREE_SCHOOLS.replace("{home_from: department, homes: {Oak: OAK, Elm: ELM}}", "home.csv")
    file = folder / "home.csv"
    file.write_text("address,school\nT.One@harbour.example,OAK\n\nt.one@harbour.example,ELM\nsomeone,OAK\na@b,ASH\n")

    problems = _problems(folder, text)
    file.write_text("address,school\nT.One@harbour.example,OAK\n")

    assert problems == [
        "home.csv:4: `t.one@harbour.example` has a home already, OAK",
        "home.csv:5: `someone` is not an e-mail address",
        "home.csv:6: `ASH` is not a school of the trust: there is `ELM`, `HQ` or `OAK`",
    ]
    assert load_trust(folder).homes.by_address == {"t.one@harbour.example": "OAK"}


def test_init_writes_a_trust_that_validates_and_is_never_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    written = ask("init", "trust", "--trust", "St Anne's: Schools")
    again = ask("init", "trust", "--trust", "Another")
    validated = ask("validate", "trust")

    assert (written.exit, again.exit, validated.exit) == (0, 2, 0), written.err + validated.err
    assert load_trust(Path("trust")).name == "St Anne's: Schools"
    assert "init never overwrites a file" in again.err
