"""`toolkit schedule`: what makes a computer run toolkit by itself, and how a run that did not happen is seen."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cases import playbook, resource
from tests.contract.rules import apply
from tests.contract.test_due import BLOCKS, TRIP
from tests.door import MICROSOFT, SAMPLES, CommandResult, Door, ask, open_door
from tests.emulated import Emulator
from tests.registered import toolkit_waiting
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

RULE = ("microsoft365.transport_rule", "Mark mail", {"prepend_subject": "[office] "})
PROGRAM = Path(sys.executable).with_name("toolkit")


@pytest.fixture
def awkward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a directory whose name every quoting has to carry, with a school in it."""
    directory = tmp_path / "50% of $HOME; 'x'"
    directory.mkdir()
    (directory / "school.yaml").write_text(
        (SAMPLES / "00-school.yaml").read_text() + 'schedule: {drift: "01:45", due: 20 minutes}\n'
    )
    (directory / "more.env").write_text("TOOLKIT_PATIENCE=9\n")
    monkeypatch.chdir(directory)
    return directory


def test_units_of_systemd_are_whole_and_hold_no_secret(awkward: Path) -> None:
    answered = ask("schedule", "systemd", "school.yaml", "--env-file", "more.env", "-o", "units", **_VARIABLES)

    units = sorted((awkward / "units").iterdir())
    text = "".join(unit.read_text() for unit in units)
    assert answered.exit == 0
    assert [unit.name for unit in units] == [
        "toolkit-eps-drift.service",
        "toolkit-eps-drift.timer",
        "toolkit-eps-due.service",
        "toolkit-eps-due.timer",
        "toolkit-eps-failed@.service",
    ]
    assert "OnCalendar=*-*-* 01:45:00 Europe/London" in text
    assert "OnCalendar=*:00/20:00" in text
    assert f"/{awkward.name}/school.yaml".replace("%", "%%").replace("$", "$$") in text
    assert "hush" not in text + answered.out
    assert "write them there for the jobs: TOOLKIT_MICROSOFT365_CLIENT_SECRET" in answered.out
    if (verify := shutil.which("systemd-analyze")) and PROGRAM.exists():
        judged = subprocess.run([verify, "verify", *units], capture_output=True, text=True, check=False)
        assert (judged.returncode, judged.stderr) == (0, "")


def test_units_that_were_edited_are_not_replaced(awkward: Path) -> None:
    def write(folder: str) -> CommandResult:
        return ask("schedule", "systemd", "school.yaml", "-o", folder, **_VARIABLES)

    write("units")
    same = write("units")
    edited = awkward / "units/toolkit-eps-failed@.service"
    edited.write_text("mail to the office")

    refused, beneath = write("units"), write("more.env/units")

    assert (same.exit, refused.exit, beneath.exit) == (0, 2, 2), refused.err + beneath.err
    assert edited.read_text() == "mail to the office"


def test_what_cannot_be_read_or_is_refused_fails_due_only_where_no_notification_reports_it(awkward: Path) -> None:
    school = awkward / "school.yaml"
    silent = ask("schedule", "systemd", "school.yaml", **_VARIABLES).out
    school.write_text(school.read_text() + "notifications: {channels: {office: {by: url}}}\n")

    units, lines = (ask("schedule", way, "school.yaml", **_VARIABLES).out for way in ("systemd", "cron"))

    assert "SuccessExitStatus=4 5" not in silent
    assert silent.count("SuccessExitStatus=3\n") == 2  # what is refused is a failure that cron and systemd report
    assert "SuccessExitStatus=3\n" in units  # of the drift itself it is a failure still
    assert "SuccessExitStatus=3 4 5\n" in units
    assert "case $code in 0|3|4|5) ;;" in lines
    assert "--yes --notify >>" in lines  # which reports once what is refused


def test_a_crontab_does_what_the_units_do(awkward: Path) -> None:
    answered = ask("schedule", "cron", "school.yaml", "--user", "toolkit", **_VARIABLES)

    drift, due = [line for line in answered.out.splitlines() if line[:1] in {"*", "4"}]
    assert drift.startswith("45 1 * * * toolkit umask 077; mkdir -p ")
    assert due.startswith("*/20 * * * * toolkit ")
    assert "case $code in 0|3) ;;" in drift
    assert "case $code in 0|3) ;;" in due
    assert "--yes" in due  # nobody is there to be asked
    assert "--yes" not in drift
    assert "50\\% of" in drift
    assert "50% of" not in drift.replace("\\%", "")
    script = drift.partition(" toolkit ")[2].replace("\\%", "%")
    assert subprocess.run(["/bin/sh", "-n", "-c", script], check=False).returncode == 0
    assert "hush" not in answered.out
    assert str(awkward / ".env") in answered.out


def test_a_user_that_is_no_account_is_refused() -> None:
    answered = ask("schedule", "cron", SAMPLES, "--user", "me; rm", TOOLKIT_TARGET="emulator")

    assert (answered.exit, answered.out) == (2, "")


def test_drift_tells_of_a_night_on_which_nobody_looked(bare_door: Door) -> None:
    door = bare_door
    school = door.playbooks / "00-school.yaml"
    door.tenant.set_now("2026-11-23T02:30:00+00:00")
    door.toolkit("drift")
    door.tenant.set_now("2026-11-26T02:30:00+00:00")
    silent = door.toolkit("drift", "--json").json["missed"]
    school.write_text(school.read_text() + "schedule: {}\n")
    door.tenant.set_now("2026-11-28T09:00:00+00:00")

    first, second = door.toolkit("drift"), door.toolkit("drift", "--json")
    door.tenant.fault("refused", "GET /organization", times=2)
    broken = []
    for day in (29, 30):
        door.tenant.set_now(f"2026-11-{day}T02:30:00+00:00")
        broken.append(door.toolkit("drift"))
    door.tenant.disarm()
    door.tenant.set_now("2026-12-01T02:30:00+00:00")
    after, then = door.toolkit("drift", "--json").json, door.toolkit("drift", "--json").json

    assert [one.exit for one in broken] == [1, 1]
    (told,) = after["failed_runs"]
    assert told.startswith("2 drift runs failed between 2026-11-29 02:30 and 2026-11-30 02:30, the last with: ")
    assert broken[1].err.strip().endswith(told.partition("with: ")[2])
    assert (after["missed"], then["failed_runs"]) == ([], [])  # they did run, and were told of
    assert "drift   exit 1, failed" in door("audit", "log").out
    assert silent == []  # a school without a schedule misses nothing
    told = "! no drift run between 2026-11-26 02:30 and 2026-11-28 09:00. It is scheduled to run every day at 02:30"
    assert told in first.out.splitlines()
    assert second.json["missed"] == []


def test_a_school_that_wants_reports_gets_a_third_job_which_mails_them_where_they_are_real(tmp_path: Path) -> None:
    school = tmp_path / "school.yaml"
    text = (SAMPLES / "00-school.yaml").read_text()
    readers = "reports: {from: office@a.example, head: head@a.example, clerk: clerk@a.example}\n"
    school.write_text(f"{text}schedule: {{export: termly}}\n{readers}")
    live = {"TOOLKIT_TARGET": "live", "TOOLKIT_STATE": str(tmp_path / "state")}

    real, practice = ask("schedule", "cron", school, **live), ask("schedule", "cron", school, TOOLKIT_TARGET="emulator")
    units = ask("schedule", "systemd", school, "-o", tmp_path / "units", **live)

    line = next(one for one in real.out.splitlines() if one.startswith("7 6 15 1,4,9 *"))
    assert f"audit export {school} -o {tmp_path}/state/reports --mail >>" in line
    assert "case $code in 0|4) ;;" in line
    assert "on the 15th of January, April and September at 06:07" in real.out
    assert "--mail" not in practice.out
    assert units.exit == 0
    timer = (tmp_path / "units" / "toolkit-eps-export.timer").read_text()
    assert "OnCalendar=*-01,04,09-15 06:07:00 Europe/London" in timer
    assert "audit export" in (tmp_path / "units" / "toolkit-eps-export.service").read_text()

    channel = "notifications: {channels: {office: {by: mail, from: office@a.example, to: it@a.example}}}\n"
    school.write_text(f"{text}schedule: {{export: monthly}}\n{channel}")
    monthly = ask("schedule", "cron", school, **live)
    assert "7 6 1 * * " in monthly.out
    assert "The export job sends no mail, because `reports:` in the school file" in monthly.out


_VARIABLES = {"TOOLKIT_TARGET": "emulator", "TOOLKIT_MICROSOFT365_CLIENT_SECRET": "hush"}


def test_tasks_of_windows_do_what_the_units_do_and_say_that_no_one_tried_them(awkward: Path) -> None:
    school = awkward / "school.yaml"
    school.write_text(school.read_text().replace("due: 20 minutes", "due: 20 minutes, export: termly"))
    answered = ask("schedule", "windows", "school.yaml", "--user", "toolkit", "-o", "tasks", **_VARIABLES)

    files = sorted((awkward / "tasks").iterdir())
    drift, due, export = (ET.parse(file).getroot() for file in files)
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    texts = [file.read_text() for file in files]

    assert answered.exit == 0
    assert [file.name for file in files] == [f"toolkit-eps-{job}.xml" for job in ("drift", "due", "export")]
    assert drift.findtext(".//t:CalendarTrigger/t:StartBoundary", namespaces=space) == "2026-01-01T01:45:00"
    assert due.findtext(".//t:Repetition/t:Interval", namespaces=space) == "PT20M"
    assert export.find(".//t:ScheduleByMonth/t:Months", space) is not None
    for job, task in (("drift", drift), ("due", due)):
        arguments = task.findtext(".//t:Exec/t:Arguments", namespaces=space) or ""
        assert f' {job} "{awkward / "school.yaml"}"' in arguments
        assert f'{job}.log" 2>&1"' in arguments
        assert task.findtext(".//t:UserId", namespaces=space) == "toolkit"
    assert "--yes" in texts[1]
    assert all("UNTESTED" in text for text in (*texts, answered.out))
    assert "hush" not in answered.out + "".join(texts)


def test_a_drift_of_a_part_is_no_night(bare_door: Door) -> None:
    door = bare_door
    school = door.playbooks / "00-school.yaml"
    school.write_text(school.read_text() + "schedule: {}\n")
    door.write("10-rules.yaml", playbook(resource(*RULE), slug="rules"))
    door.tenant.set_now("2026-11-23T02:30:00+00:00")
    door.toolkit("drift")
    for day in (24, 25, 26, 27):
        door.tenant.set_now(f"2026-11-{day}T02:30:00+00:00")
        parts = [
            door.toolkit("drift", "--only", f"{RULE[0]}[{RULE[1]}]"),
            door.toolkit("drift", "--provider", MICROSOFT),
        ]
    door.tenant.set_now("2026-11-28T02:30:00+00:00")

    whole, again = (door.toolkit("drift", "--json").json["missed"] for _ in range(2))

    said = "! no drift run since 2026-11-23 02:30. It is scheduled to run every day at 02:30"
    assert all(said in part.out.splitlines() for part in parts), parts[0].out
    assert whole == [
        "no drift run between 2026-11-23 02:30 and 2026-11-28 02:30. It is scheduled to run every day at 02:30"
    ]
    assert again == []


def test_a_due_that_was_killed_is_no_answer(emulator: Emulator, tmp_path: Path) -> None:
    door = open_door(emulator.borrow_tenant(users=24, staff=16), tmp_path, samples=False)
    school = door.playbooks / "00-school.yaml"
    school.write_text(school.read_text() + "schedule: {due: 60 minutes}\n")
    door.write("40-chat.yaml", BLOCKS)
    door.write("95-trips.yaml", TRIP)
    door.tenant.set_now("2026-11-10T09:00:00Z")
    assert apply(door).exit == 0
    door.tenant.set_now("2026-11-11T02:30:00Z")
    assert door.toolkit("drift").exit == 0
    door.tenant.set_now("2026-11-11T07:20:00Z")
    with toolkit_waiting(door, "due", "--yes", str(door.playbooks)) as job:
        door.tenant.fault("kill_after", "POST /deviceManagement/deviceConfigurations", pid=job.pid)
        job.communicate("go\n")
    door.tenant.disarm()
    door.tenant.set_now("2026-11-11T08:00:00Z")

    told = door.toolkit("drift", "--json").json["failed_runs"]
    later = door.toolkit("drift", "--json").json["failed_runs"]

    assert job.returncode == -signal.SIGKILL
    assert told == [
        "the due run of 2026-11-11 07:20 failed: it was killed, or the computer stopped, before it finished"
    ]
    assert later == []
    door.tenant.close()


_JOB_FILES = ("cron", "systemd", "windows")


@pytest.mark.parametrize("sort", _JOB_FILES)
@pytest.mark.parametrize("name", ["one\ntwo", "one\rtwo", "one\x1b[31m", "one\u202etwo", "one\u2028two"])
def test_a_folder_whose_name_would_begin_a_line_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sort: str, name: str
) -> None:
    _stand_in(tmp_path / name, monkeypatch)

    answered = ask("schedule", sort, "school.yaml")

    assert (answered.exit, answered.out) == (2, "")
    assert "has a line break or another control character" in answered.err
    assert answered.err.count("\n") == 1


@pytest.mark.parametrize("name", ["R&D", "a & b", "a^b", "(a)", "a;b,c=d", "a|b", "a>b", "&calc&", "50%"])
def test_a_task_of_windows_quotes_what_its_shell_obeys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _stand_in(tmp_path / name, monkeypatch)

    answered = ask("schedule", "windows", "school.yaml", "-o", "tasks")

    assert answered.exit == 0, answered.err
    for file in (tmp_path / name / "tasks").glob("*.xml"):
        (arguments,) = [node.text or "" for node in ET.parse(file).iter() if node.tag.endswith("Arguments")]
        command = arguments.removeprefix('/d /s /c "').removesuffix('"')
        outside = "".join(command.split('"')[::2])  # what no quotes are around
        assert command.count('"') % 2 == 0
        assert name in command
        assert set(outside.replace("2>&1", "")) & set("&|^<()%;,=") == set(), outside
        assert outside.replace("2>&1", "").count(">") == 2


@pytest.mark.parametrize("name", ["%PATH%", 'a"b'])
def test_a_task_of_windows_with_what_quotes_do_not_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _stand_in(tmp_path / name, monkeypatch)

    answered = ask("schedule", "windows", "school.yaml")

    assert answered.exit == 2
    assert "which a Windows task would change" in answered.err


def _stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "school.yaml").write_text((SAMPLES / "00-school.yaml").read_text())
    monkeypatch.chdir(folder)
