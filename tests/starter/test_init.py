"""`toolkit init`: from a school's answers to its first playbooks, which only look."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.door import GOOGLE, MICROSOFT, SAMPLES, ask, open_door
from tests.emulated import FEW_PEOPLE, HANG, Emulator
from tests.pseudo_terminal import open_pseudo_terminal
from toolkit.playbook.load import load, load_school
from toolkit.starter.answers import QUESTIONS
from toolkit.starter.files import packs

ANSWERS = {
    "--name": "Example Primary School",
    "--tenants": "emulated",
    "--domains": "example-primary.example",
    "--groups": "staff=all-staff@example-primary.example, staff=/Staff",
    "--terms": "Autumn term 2026-09-03 to 2026-12-18, Spring term 2027-01-05 to 2027-03-25",
    "--emergency": "01632 960001",
    "--safeguarding": "the local authority, 01632 960555",
}
GUID = "0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11"
ALL_PACKS = [word for name in packs() for word in ("--pack", name)]


def words(**changed: str | None) -> list[str]:
    """Return the options of all answers, with some changed or left out."""
    answers = {**ANSWERS, **{f"--{name.replace('_', '-')}": answer for name, answer in changed.items()}}
    return [word for option, answer in answers.items() if answer is not None for word in (option, answer)]


def test_it_asks_at_most_twelve_questions() -> None:
    assert len(QUESTIONS) <= 12


def test_every_pack_is_in_order_and_a_plan_with_all_of_them_writes_nothing(emulator: Emulator, tmp_path: Path) -> None:
    tenant = emulator.borrow_tenant(**FEW_PEOPLE)
    (tmp_path / "other").mkdir()
    door = open_door(tenant, tmp_path / "other", samples=False)
    school = tmp_path / "school"

    answered = ask("init", school, *ALL_PACKS, *words(domains=tenant.domain))
    bound = (school / "playbooks/00-school.yaml").read_text()
    for provider, identifier in ((MICROSOFT, tenant.tenant_id), (GOOGLE, tenant.customer_id)):
        name = "tenant_id" if provider == MICROSOFT else "customer_id"
        bound = bound.replace(f"{name}: emulated", f"{name}: {identifier}")
    (school / "playbooks/00-school.yaml").write_text(bound)
    planned = ask("plan", school / "playbooks", "--json", **door.variables)
    tenant.close()

    assert answered.exit == 0, answered.err
    assert "all in order" in answered.out
    assert planned.json["changes"] == []
    assert planned.json["checked"], "the packs look at nothing"


@pytest.mark.parametrize("name", packs())
def test_a_pack_alone_is_in_order_and_only_looks(name: str, tmp_path: Path) -> None:
    answered = ask("init", tmp_path, "--pack", name, *words(groups=None))

    assert answered.exit == 0, answered.err
    files = (tmp_path / "playbooks").glob("*.yaml")
    texts = [path.read_text() for path in files if not path.name.startswith("registers")]  # which ask for nothing
    assert all("\nmode: check\n" in text and "enforce" not in text.replace("mode: enforce`", "") for text in texts)


def test_a_pack_that_is_added_leaves_out_what_the_school_has(tmp_path: Path) -> None:
    ask("init", tmp_path, *words())
    school = (tmp_path / "playbooks/00-school.yaml").read_bytes()

    for name in (pack for pack in packs() if pack != "look"):
        numbers = words(**dict.fromkeys(("name", "tenants", "domains", "groups", "terms"))) if name == "closure" else ()
        added = ask("init", tmp_path, "--pack", name, *numbers)
        assert (added.exit, "all in order" in added.out) == (0, True), (name, added.err)

    asked = [entry.name for playbook in load(tmp_path / "playbooks").playbooks for entry in playbook.controls]
    assert set(asked) == {control for pack in packs().values() for entry in pack.controls for control in entry}
    assert len(asked) == len(set(asked))
    assert "# mail.external_tag is in look.yaml.\n" in (tmp_path / "playbooks/phishing.yaml").read_text()
    assert (tmp_path / "playbooks/00-school.yaml").read_bytes() == school


_OF_OBJECTS = {
    "phishing": {'microsoft365.transport_rule: "School attachments: extensions"': "prepend_subject: '[checked] '"},
    "accounts": {'microsoft365.windows_configuration: "School lock: staff"': "password_required: true"},
    "disclaimer": {'google_workspace.group_footer: "*"': "text: From our school"},
    "look": {"microsoft365.external_in_outlook: organisation": "enabled: true"},
}
"""An object of each pack that enforces objects, as an import writes it: by itself, where no control fits."""


@pytest.mark.parametrize("name", _OF_OBJECTS)
def test_a_pack_that_is_added_leaves_out_controls_of_objects_that_the_school_asks_for(
    name: str, tmp_path: Path
) -> None:
    ask("init", tmp_path, "--pack", "september", *words())
    own = "".join(f"  - {entry}\n    {setting}\n" for entry, setting in _OF_OBJECTS[name].items())
    (tmp_path / "playbooks/own.yaml").write_text(f"playbook: own\ntitle: Own\nmode: check\nresources:\n{own}")

    added = ask("init", tmp_path, "--pack", name)

    assert (added.exit, "all in order" in added.out) == (0, True), added.err
    assert "is left out because own.yaml already has the resource" in (tmp_path / f"playbooks/{name}.yaml").read_text()


def test_nothing_is_added_to_playbooks_that_are_wrong(tmp_path: Path) -> None:
    ask("init", tmp_path, *words())
    entry = "  - microsoft365.external_in_outlook: organisation\n    enabled: true\n"
    for own in ("own", "other"):
        (tmp_path / f"playbooks/{own}.yaml").write_text(f"playbook: {own}\ntitle: Own\nresources:\n{entry}")

    added = ask("init", tmp_path, "--pack", "phishing")

    assert (added.exit, "is also at" in added.err) == (2, True)
    assert not (tmp_path / "playbooks/phishing.yaml").exists()


def test_nothing_is_added_to_a_school_that_has_the_file_or_whose_staff_are_not_known(tmp_path: Path) -> None:
    ask("init", tmp_path, *words(groups=None))
    school = tmp_path / "playbooks/00-school.yaml"

    again = ask("init", tmp_path, "--pack", "look")
    template = ask("init", tmp_path, "--template", "staff-policy", "--pack", "phishing")

    assert (again.exit, "look.yaml and 1 more would be overwritten" in again.err) == (2, True)
    assert template.exit == 2
    assert not (tmp_path / "playbooks/phishing.yaml").exists()
    (lines,) = re.findall("such as `(roles: .*)`", template.err)
    school.write_text(f"{school.read_text()}\n{lines}\n")
    assert ask("init", tmp_path, "--template", "staff-policy", "--pack", "phishing").exit == 0


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"name": None}, "--name"),
        ({"domains": "not a domain"}, "--domains: 'not a domain' is not a domain"),
        ({"phase": "infants"}, "--phase: 'infants' is not one of nursery"),
        ({"nation": "France"}, "--nation: 'France' is not one of England"),
        ({"tenants": "12"}, "--tenants: '12' is neither a Microsoft tenant id"),
        ({"groups": "staff"}, "--groups: 'staff' is not a role with"),
        ({"tenants": f"{GUID}, {GUID.replace('0', '1')}"}, "is a second tenant of the same cloud"),
        (
            {"groups": "staff=/Staff, staff=/Office"},
            "--groups: staff has both /Staff and /Office. Write only one group",
        ),
        (
            {"tenants": GUID, "groups": "staff=/Staff"},
            "--groups staff=/Staff: only Google has units. Write a group's address",
        ),
        ({"never_touch": "head"}, "--never-touch: 'head' is not an e-mail address"),
        (
            {"never_touch": "head@exmaple-primary.example"},
            "head@exmaple-primary.example is not in one of the school's domains: did you mean example-primary.example?",
        ),
        ({"terms": "autumn"}, "--terms: 'autumn' is not a term"),
        ({"terms": "Autumn term 2026-12-18 to 2026-09-03"}, "--terms: Autumn term ends before it begins"),
        (
            {"terms": "Autumn term 2026-09-03 to 2027-02-01, Spring term 2027-01-05 to 2027-03-25"},
            "--terms: `Spring term` begins before `Autumn term` ends",
        ),
        ({"terms": "Autumn term 2026-09-31 to 2026-12-18"}, "--terms: 2026-09-31 is not a date such as"),
        ({"emergency": None}, "--pack closure needs --emergency"),
        ({"pack": "lok"}, "--pack lok: unknown pack. The packs are look, "),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_written(
    changed: dict[str, str | None], expected: str, tmp_path: Path
) -> None:
    answered = ask("init", tmp_path / "school", "--pack", "closure", *words(**changed))

    assert answered.exit == 2
    assert expected in answered.err
    assert not (tmp_path / "school").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    ask("init", tmp_path, *words())
    (tmp_path / "playbooks/look.yaml").unlink()

    answered = ask("init", tmp_path, *words(name="Another School"))

    assert answered.exit == 2
    assert "init never overwrites" in answered.err
    assert "Another" not in (tmp_path / "playbooks/00-school.yaml").read_text()
    assert not (tmp_path / "playbooks/look.yaml").exists()


@pytest.mark.parametrize("options", [("--demo",), ("--from-tenant",), ()])
@pytest.mark.parametrize("sign", [".toolkit/ledger", "playbooks/00-school.yaml"])
def test_a_school_inside_another_schools_folder_is_refused_before_a_question(
    sign: str, options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer, inner = tmp_path / "demo", tmp_path / "demo/below/my-school"
    (outer / sign).parent.mkdir(parents=True)
    (outer / sign).write_text("# ours\nschool: Example Primary School\n")
    (outer / "below").mkdir()
    monkeypatch.chdir(outer / "below")

    answered = ask("init", "my-school", *options, says="")

    assert (answered.exit, answered.out) == (2, "")
    assert answered.err == (
        f"toolkit: my-school is inside {outer}, which already belongs to a school. That school does not need "
        f"`toolkit init`. Create a new school outside this folder, such as in {tmp_path}/my-school\n"
    )
    assert not inner.exists()


def test_a_school_beside_another_or_in_a_repository_of_its_own_is_made(tmp_path: Path) -> None:
    (tmp_path / "school/.toolkit").mkdir(parents=True)
    (tmp_path / "school/own/.git").mkdir(parents=True)

    made = [ask("init", tmp_path / place, *words()) for place in ("beside", "school", "school/own")]

    assert [answered.exit for answered in made] == [0, 0, 0], [answered.err for answered in made]


def test_a_school_of_its_own_gets_the_example_of_settings_and_is_told_to_go_live(tmp_path: Path) -> None:
    own = words(domains="oak.example", tenants="0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11")

    answered = ask("init", tmp_path, *own)
    planned = ask("plan", tmp_path / "playbooks", TOOLKIT_STATE=str(tmp_path / "state"))

    assert answered.exit == 0, answered.err
    assert (tmp_path / ".env.example").read_text() == (SAMPLES.parent / ".env.example").read_text()
    assert "chmod 600 .env  # set TOOLKIT_TARGET=live, credentials" in answered.out
    steps = [line for line in answered.out.splitlines() if "  # " in line]
    assert [line for line in steps if len(line) > 80] == []
    assert [line.split()[1] for line in steps[1:]] == ["permissions", "doctor", "plan", "drift", "check", "import"]
    assert planned.exit == 2
    assert "To use your own, write TOOLKIT_TARGET=live and credentials to .env" in planned.err


def test_the_demo_is_the_sample_school(tmp_path: Path) -> None:
    answered = ask("init", "--demo", tmp_path)

    copied = {
        path.relative_to(tmp_path / "playbooks") for path in (tmp_path / "playbooks").rglob("*") if path.is_file()
    }
    assert answered.exit == 0
    samples = {
        path.relative_to(SAMPLES) for path in SAMPLES.rglob("*") if path.is_file() and "private" not in path.parts
    }
    assert copied == samples | {Path("private/absences.csv")}


def test_a_protected_address_elsewhere_is_remarked_on(tmp_path: Path) -> None:
    answered = ask("init", tmp_path, *words(never_touch="breakglass@supplier.example"))

    assert answered.exit == 0, answered.err
    assert "00-school.yaml:" in answered.out
    assert "`breakglass@supplier.example` is outside `domains`" in answered.out
    remarks = ask("validate", tmp_path / "playbooks", "--json").json["remarks"]
    assert {remark["path"].rpartition("/")[2] for remark in remarks} == {"00-school.yaml"}


def test_the_first_pack_proposes_what_expires_as_lines_to_uncomment(tmp_path: Path) -> None:
    answered = ask("init", tmp_path, *words())
    registers = tmp_path / "playbooks" / "registers.yaml"
    proposed = registers.read_text()
    registers.write_text(re.sub("^# (?=expi|  )", "", proposed, flags=re.MULTILINE))

    assert answered.exit == 0, answered.err
    assert all(line.startswith("#") or line in {"", "registers: school"} for line in proposed.splitlines())
    expires = load(tmp_path / "playbooks").registers.expires
    assert [entry.what for entry in expires] == [
        "domain example-primary.example",
        "Apple push certificate",
        "last MIS sync",
    ]


def test_the_pack_for_governors_proposes_who_leads_on_filtering_as_lines_to_uncomment(tmp_path: Path) -> None:
    answered = ask("init", tmp_path, "--pack", "board", *words())
    registers = tmp_path / "playbooks" / "registers-filtering.yaml"
    before = load(tmp_path / "playbooks").registers.filtering
    registers.write_text(re.sub("^# (?=filt|  )", "", registers.read_text(), flags=re.MULTILINE))
    after = load(tmp_path / "playbooks").registers.filtering

    assert answered.exit == 0, answered.err
    assert not any(before.model_dump().values())
    assert all(after.model_dump().values())


@pytest.mark.parametrize("command", ["apply", "due"])
def test_a_real_tenant_is_not_written_to_while_a_question_is_open(command: str, tmp_path: Path) -> None:
    live = {"TOOLKIT_TARGET": "live", "TOOLKIT_STATE": str(tmp_path / "state"), "TOOLKIT_MICROSOFT365_AUTH": "secret"}
    live |= {
        "TOOLKIT_WRITE_MICROSOFT365_CLIENT_ID": "22222222-3333-4444-5555-666666666666",
        "TOOLKIT_WRITE_MICROSOFT365_CLIENT_SECRET": "x",
    }
    tenants = "0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11"
    ask("init", tmp_path, *words(tenants=tenants, domains="school.example", never_touch="head@school.example"))
    look = tmp_path / "playbooks/look.yaml"
    look.write_text(look.read_text().replace("mode: check", "mode: enforce"))

    answered = ask(command, tmp_path / "playbooks", **live)

    assert answered.exit == 2
    assert "00-school.yaml:2: `unanswered` still names run_by, other_systems" in answered.err


def test_in_a_terminal_it_asks_and_asks_again_after_a_wrong_answer(tmp_path: Path) -> None:
    ours, theirs = open_pseudo_terminal()
    domains = ["example-primary.example"]
    protected = ["head@exampel-primary.example", ""]
    typed = ["Example Primary School", "infants", "primary", "", "", "emulated", *domains, "-", *protected, *[""] * 6]
    os.write(ours, "".join(f"{line}\n" for line in typed).encode())

    command = [sys.executable, "-m", "toolkit", "init", str(tmp_path)]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False, timeout=HANG)
    os.close(theirs)
    os.close(ours)

    assert done.returncode == 0, done.stderr
    assert "'infants' is not one of" in done.stderr
    assert "an answer is needed. Write an id, or emulated to practise" in " ".join(done.stderr.split())
    assert "did you mean example-primary.example?" in " ".join(done.stderr.split())
    assert "Not answered yet: protected, run_by, other_systems." in done.stdout
    assert "Controls for staff are left out" in done.stdout
    text = (tmp_path / "playbooks/00-school.yaml").read_text()
    assert "unanswered: [protected, run_by, other_systems]" in text
    assert "phase: primary" in text


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((), "Choose another folder"),
        pytest.param(("--pack", "lok"), "did you mean `look`", marks=pytest.mark.soak),
        pytest.param(("--pack", "closure"), "--emergency", marks=pytest.mark.soak),
    ],
)
def test_what_no_answer_can_mend_is_refused_before_the_first_question(
    tmp_path: Path, more: tuple[str, ...], expected: str
) -> None:
    ask("init", tmp_path, *words())
    ours, theirs = open_pseudo_terminal()

    command = [sys.executable, "-m", "toolkit", "init", str(tmp_path), *more]
    done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False, timeout=HANG)
    os.close(theirs)
    os.close(ours)

    assert done.returncode == 2
    assert expected in done.stderr
    assert "The school's name" not in done.stderr


def test_a_folder_that_is_a_link_to_itself_ends_with_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")

    answered = ask("init", "loop", "--from-tenant", "--no-questions")

    assert (answered.exit, answered.out) == (2, "")
    assert "--domains" in answered.err


def test_a_command_in_a_folder_without_playbooks_says_how_to_get_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    answered = ask("plan")

    assert (answered.exit, answered.out) == (2, "")
    assert "write the first ones with `toolkit init`" in answered.err


def test_a_policy_from_the_template_is_unratified_until_its_page_has_a_date(emulator: Emulator, tmp_path: Path) -> None:
    tenant = emulator.borrow_tenant(**FEW_PEOPLE)
    (tmp_path / "other").mkdir()
    door = open_door(tenant, tmp_path / "other", samples=False)
    school = tmp_path / "school/playbooks"
    answered = ask("init", tmp_path / "school", "--template", "staff-policy", *words(name="Oak Primary School"))
    document = school / "policy/00-document.yaml"
    (school / "00-school.yaml").write_text((door.playbooks / "00-school.yaml").read_text())
    exports = [tmp_path / "before", tmp_path / "after"]

    before = ask("policy", school, **door.variables)
    formats = ["--format", "html", "--format", "csv"]
    ask("audit", "export", school, "-o", exports[0], *formats, **door.variables)
    document.write_text(document.read_text().replace("\n  ratified:\n", "\n  ratified: 2026-09-01\n"))
    after = ask("policy", school, **door.variables)
    ask("audit", "export", school, "-o", exports[1], *formats, **door.variables)
    tenant.close()

    assert answered.exit == 0, answered.err
    assert "136 clauses" in answered.out
    assert ("! UNRATIFIED" in before.out, "UNRATIFIED" in after.out) == (True, False)
    for path in exports[0].glob("*governors*.[hc]*"):
        assert "UNRATIFIED: the governors have not adopted this policy." in path.read_text(), path
    (page,) = exports[0].glob("*.html")
    assert '@top-center { content: "Practice run, simulated data. UNRATIFIED"' in page.read_text()
    assert [path for path in exports[1].iterdir() if "UNRATIFIED" in path.read_text()] == []


def test_a_template_whose_role_the_school_has_not_is_refused(tmp_path: Path) -> None:
    answered = ask("init", tmp_path, "--template", "staff-policy", *words(groups=None))

    assert (answered.exit, "Name the group of staff with --groups" in answered.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_template_adds_a_policy_to_a_school_that_has_none_and_overwrites_nothing(tmp_path: Path) -> None:
    ask("init", tmp_path, *words(name="Oak Primary School"))
    before = (tmp_path / "playbooks/00-school.yaml").read_bytes()

    added = ask("init", tmp_path, "--template", "staff-policy")
    again = ask("init", tmp_path, "--template", "staff-policy")

    assert (added.exit, "136 clauses" in added.out) == (0, True), added.err
    assert (tmp_path / "playbooks/00-school.yaml").read_bytes() == before
    assert "Oak Primary School" in (tmp_path / "playbooks/policy/00-document.yaml").read_text()
    assert (again.exit, "would be overwritten" in again.err) == (2, True)


def test_a_template_is_not_added_to_a_school_without_the_role_staff(tmp_path: Path) -> None:
    ask("init", tmp_path, *words(groups=None))

    added = ask("init", tmp_path, "--template", "staff-policy")

    assert added.exit == 2
    assert (
        "00-school.yaml:2: --template staff-policy: its clauses apply to staff. Add staff under `roles:`" in added.err
    )
    assert not (tmp_path / "playbooks/policy").exists()


def test_from_the_tenant_its_objects_become_playbooks_and_accounts_are_proposed_that_are_not_yet_protected(
    emulator: Emulator, tmp_path: Path
) -> None:
    tenant = emulator.borrow_tenant(**FEW_PEOPLE)
    (tmp_path / "other").mkdir()
    door = open_door(tenant, tmp_path / "other", samples=False)
    school = tmp_path / "school"
    before = tenant.last_request()
    own = words(domains=tenant.domain, tenants=f"{tenant.tenant_id}, {tenant.customer_id}")

    answered = ask("init", school, "--from-tenant", *own, **door.variables)
    planned = ask("plan", school / "playbooks", "--json", **door.variables)
    sent = [one for request in tenant.requests(before) for one in request["operations"]]
    tenant.close()

    assert answered.exit in {0, 4}, answered.err
    assert (school / "playbooks/00-school.yaml").is_file()
    assert not (school / "playbooks/look.yaml").exists()
    assert len(list((school / "playbooks").rglob("*.yaml"))) > 5
    assert planned.json["changes"] == []
    assert [one["name"] for one in sent if one["write"]] == []

    assert f"  breakglass@{tenant.domain}: is a Global Administrator without a mailbox licence" in answered.out
    assert f"  sync_server@{tenant.domain}: has the role that synchronises Microsoft's directory" in answered.out
    assert f"  workspace-admin@{tenant.domain}: is a super administrator who had never opened Gmail" in answered.out
    assert f"#     - breakglass@{tenant.domain}" in (school / "playbooks/00-school.yaml").read_text()
    bound = load_school(school / "playbooks").school
    assert (bound.protected.accounts, "protected" in bound.unanswered_keys) == ((), True)


def test_a_tenant_that_cannot_be_read_leaves_the_school_file_and_says_how_to_go_on(tmp_path: Path) -> None:
    live = {"TOOLKIT_TARGET": "live", "TOOLKIT_STATE": str(tmp_path / "state")}
    own = words(domains="school.example", tenants="0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11", groups=None)

    answered = ask("init", tmp_path / "school", "--from-tenant", *own, **live)

    playbooks = tmp_path / "school/playbooks"
    assert answered.exit == 2
    assert "these are not set: TOOLKIT_READ_MICROSOFT365_AUTH" in answered.err
    assert f"Write the other files with `toolkit import microsoft365 -o {playbooks}`" in answered.err
    assert [path.name for path in playbooks.iterdir()] == ["00-school.yaml"]


def test_real_tenant_is_given_the_steps_of_the_reading_identity_before_it_is_examined(tmp_path: Path) -> None:
    ids = "0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11, C03az79cb"
    real, practised = (
        ask("init", tmp_path / name, *words(domains="school.example", tenants=tenants, groups=None)).out
        for name, tenants in (("real", ids), ("practised", "emulated"))
    )

    steps = [line.split("  #")[0].strip() for line in real.splitlines() if line.startswith("toolkit ")]
    assert steps[:3] == ["toolkit permissions --read", "toolkit doctor --read", "toolkit plan"]
    assert "toolkit permissions" not in practised
