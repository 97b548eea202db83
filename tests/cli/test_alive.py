"""The dead man's switch: a night job that did its work calls one URL, with no names, and no exit code changes."""

import json
from collections.abc import Iterator

import pytest

from tests.cases import playbook, resource
from tests.door import MICROSOFT, Checkpoint, CommandResult, Door
from tests.hook import Hook, run_hook
from tests.schools import TWENTY_PEOPLE, Schools
from toolkit.api import load, read_settings
from toolkit.engine.prepare_run import prepare_run
from toolkit.errors import Exit
from toolkit.features import extensions
from toolkit.notices.notify import report_alive

KIND, NAME = "microsoft365.transport_rule", "Mark mail to the office"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with run_hook() as hook:
        yield hook


@pytest.fixture(scope="module")
def applied(module_schools: Schools) -> Checkpoint:
    """Apply one rule at a small school, which watches its night jobs and has no channel."""
    door = module_schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT], own_snapshot=True)
    wanted = {"sent_to": ["office@example-primary.example"], "prepend_subject": "[office] "}
    door.write("10-rules.yaml", playbook(resource(KIND, NAME, wanted), slug="rules"))
    assert door.toolkit("apply", "--yes").exit == 0
    file = door.playbooks / "00-school.yaml"
    file.write_text(file.read_text() + "\nnotifications: {alive: {by: url}}\n")
    return module_schools.checkpoint(door)


@pytest.fixture
def school(applied: Checkpoint) -> Door:
    return applied.restore()


def _night(door: Door, hook: Hook, *words: str, url: str = "") -> CommandResult:
    return door.toolkit(*words, "--notify", TOOLKIT_NOTIFY_ALIVE=url or f"{hook.url}&job={{job}}")


def test_each_night_job_that_did_its_work_calls_once_and_sends_nothing(school: Door, hook: Hook) -> None:
    (key,) = [key for key, rule in school.tenant.objects("exchange.transportRules").items() if rule["Name"] == NAME]
    school.tenant.patch("exchange.transportRules", key, PrependSubject="[theirs] ")

    answers = [_night(school, hook, "drift"), _night(school, hook, "due", "--yes")]

    assert [answer.exit for answer in answers] == [3, 0]
    job = "/hook/long-secret?token=other-secret&job="
    assert (hook.paths, hook.messages) == ([f"{job}drift", f"{job}due"], [None, None])
    assert "TOOLKIT_NOTIFY_ALIVE" not in answers[0].err + answers[1].err
    assert school.toolkit("drift", TOOLKIT_NOTIFY_ALIVE=hook.url).exit == 3  # without --notify it is no night job
    assert len(hook.paths) == 2


def test_a_job_for_a_part_does_not_call(school: Door, hook: Hook) -> None:
    parts = [["drift", "--only", f"{KIND}[{NAME}]"], ["due", "--yes", "--provider", MICROSOFT]]

    answers = [_night(school, hook, *words) for words in parts]

    assert ([answer.exit for answer in answers], hook.paths) == ([0, 0], [])


def test_a_job_that_came_to_no_answer_does_not_call(school: Door, hook: Hook) -> None:
    school.tenant.fault("refused", "GET /organization", times=100)

    answers = [_night(school, hook, "drift"), _night(school, hook, "due", "--yes")]

    assert ([answer.exit for answer in answers], hook.paths) == ([1, 1], [])


def test_a_job_that_failed_in_part_does_not_call_and_every_other_one_does(
    school: Door, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**school.variables, "TOOLKIT_NOTIFY_ALIVE": f"{hook.url}&job={{job}}"}.items():
        monkeypatch.setenv(name, value)
    said: list[str] = []
    done = [Exit.AS_WANTED, Exit.PENDING, Exit.UNREAD, Exit.REFUSED]

    settings, playbooks = read_settings(school.playbooks), load(school.playbooks)
    with prepare_run(playbooks, settings, extensions=extensions, command="due", writes=False) as run:
        for code in (Exit.FAILED, Exit.USAGE):
            report_alive(run, f"not-{code.name}", code, said.append)
        for code in done:
            report_alive(run, code.name, code, said.append)

    assert [path.rpartition("job=")[2] for path in hook.paths] == [code.name for code in done]
    assert said == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "not sent: the service answered 500"),
        ("http://127.0.0.1:1/long-secret", "not sent: the service did not respond: [Errno"),
        ("file:///etc/long-secret", "not used: a practice run uses only http and https URLs on this computer"),
        (
            "https://watch.example/long-secret",
            "not used: a practice run uses only http and https URLs on this computer",
        ),
        ("http://localhost:port/long-secret", "not sent: the service did not respond: nonnumeric port"),
    ],
)
def test_a_call_that_fails_is_said_and_changes_no_exit_code(school: Door, hook: Hook, url: str, says: str) -> None:
    hook.status = 500

    answer = _night(school, hook, "drift", url=url)

    assert answer.exit == 0
    assert f"toolkit: TOOLKIT_NOTIFY_ALIVE: {says}" in answer.err
    assert "-secret" not in answer.out + answer.err


def test_a_url_that_is_not_set_is_said(school: Door) -> None:
    answer = school.toolkit("drift", "--notify")

    assert (answer.exit, "TOOLKIT_NOTIFY_ALIVE is not set. Set it to the URL" in answer.err) == (0, True)


def test_the_test_command_calls_it_too_and_the_jobs_are_told_to(school: Door, hook: Hook) -> None:
    url = f"{hook.url}&job={{job}}"
    tested = school("notify", "test", school.playbooks, "--json", TOOLKIT_NOTIFY_ALIVE=url)
    named = school("notify", "test", "alive", school.playbooks, TOOLKIT_NOTIFY_ALIVE=url)
    jobs = school("schedule", "cron", school.playbooks).out

    assert (tested.exit, named.exit) == (0, 0)
    assert tested.json["deliveries"] == [{"channel": "alive", "result": "sent", "reason": ""}]
    assert hook.paths == ["/hook/long-secret?token=other-secret&job=notify"] * 2
    assert f"drift {school.playbooks} --notify" in jobs
    assert f"due {school.playbooks} --yes --notify" in jobs
    assert json.dumps(hook.url) not in jobs
