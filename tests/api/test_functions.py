"""A script is as safe as a command."""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.school import PLAYBOOK, agree, recorded_commands, settings_of
from tests.cases import writes
from tests.door import Door
from toolkit import api
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor


def test_selection_and_confirm_are_the_same_keywords_everywhere() -> None:
    """Earlier scripts pass some of them by position: that goes on working, in the order that they know."""
    functions = [getattr(api, name) for name in api.__all__ if inspect.isfunction(getattr(api, name))]
    methods = [method for method in vars(api.Session).values() if inspect.isfunction(method)]
    found: dict[str, list[inspect.Parameter]] = {"selection": [], "confirm": []}
    for function in (*functions, *methods):
        parameters = inspect.signature(function).parameters
        for name in found.keys() & parameters.keys():
            found[name].append(parameters[name])

    assert {name: len(parameters) for name, parameters in found.items()} == {"selection": 16, "confirm": 6}
    assert {str(one.default) for one in found["selection"]} == {str(api.Selection())}
    assert {one.default for one in found["confirm"]} == {None}
    for alike in found.values():
        assert len({str(one.annotation) for one in alike}) == 1
        assert inspect.Parameter.POSITIONAL_ONLY not in {one.kind for one in alike}
    assert [list(inspect.signature(one).parameters)[:3] for one in (api.plan, api.apply, api.withdraw)] == [
        ["playbooks", "selection", "options"],
        ["playbooks", "confirm", "selection"],
        ["playbooks", "confirm", "selection"],
    ]


def test_without_confirm_nothing_is_written_or_recorded(school: Door, tmp_path: Path) -> None:
    settings, playbooks = settings_of(school), api.load(school.playbooks)
    saved = tmp_path / "monday.plan"
    assert school.toolkit("plan", "-o", str(saved)).exit == 3
    planned = [api.apply(playbooks, settings=settings), api.apply(playbooks, saved_plan=saved, settings=settings)]
    assert not (school.state / "emulator" / "ledger.db").exists()
    api.apply(playbooks, confirm=agree, settings=settings)
    before = school.tenant.last_request()
    planned += [api.rollback(playbooks, settings=settings), api.withdraw(playbooks, settings=settings)]
    with pytest.raises(api.StalePlan):
        api.apply(playbooks, saved_plan=saved, settings=settings)

    assert [[type(change).__name__ for change in report.plan.changes] for report in planned] == [
        *(["Create"], ["Create"], ["Delete"], ["Delete"])
    ]
    assert {(report.exit, report.outcomes, report.context.read_only) for report in planned} == {(3, None, True)}
    assert planned[0].to_dict()["changes"] == api.Report.to_dict(planned[1])["changes"]
    assert writes(school, before) == []
    assert recorded_commands(school) == ["apply"]


def test_what_a_script_only_reads_is_written_nowhere(school: Door, capsys: pytest.CaptureFixture[str]) -> None:
    settings, playbooks = settings_of(school), api.load(school.playbooks)

    report = api.plan(playbooks, settings=settings)
    assert not (school.state / "emulator" / "ledger.db").exists()
    for read in (api.detect_drift, api.check):
        read(playbooks, settings=settings)
    api.evaluate_policy(playbooks, settings=settings)

    assert [type(change).__name__ for change in report.plan.changes] == ["Create"]
    assert report.context.read_only
    assert writes(school, 0) == []
    assert capsys.readouterr() == ("", "")


def test_apply_writes_what_is_confirmed_once_and_nothing_else(school: Door) -> None:
    settings, playbooks = settings_of(school), api.load(school.playbooks)
    asked: list[api.Report] = []

    def refuse(report: api.Report) -> bool:
        asked.append(report)
        return False

    refused = api.apply(playbooks, confirm=refuse, settings=settings)
    assert writes(school, 0) == []
    done = api.apply(playbooks, confirm=agree, settings=settings)
    again = api.apply(playbooks, confirm=agree, settings=settings)

    assert [str(change.address) for change in asked[0].plan.changes] == ["microsoft365.transport_rule[Disclaimer]"]
    assert (refused.exit, refused.outcomes, done.exit, again.exit) == (5, None, 0, 0)
    assert [str(outcome.result) for outcome in done.outcomes or ()] == ["done"]
    assert again.plan.changes == ()
    assert school.toolkit("drift").exit == 0
    assert recorded_commands(school) == ["apply", "apply", "apply", "drift"]


def test_apply_waits_for_no_other_run_and_keeps_to_the_limits(school: Door) -> None:
    settings, playbooks = settings_of(school), api.load(school.playbooks)
    with (
        Ledger(settings.directory, redactor=Redactor()) as ledger,
        Lease(ledger, run="another"),
        pytest.raises(api.LeaseHeld),
    ):
        api.apply(playbooks, confirm=agree, settings=settings)
    api.apply(playbooks, confirm=agree, settings=settings)
    school.write("30-mail.yaml", PLAYBOOK.replace("Disclaimer", "Another"))
    before = school.tenant.last_request()
    with pytest.raises(api.UnsafePlan):
        api.apply(
            api.load(school.playbooks),
            confirm=agree,
            selection=api.Selection(prune=True, allow_deletes=0),
            settings=settings,
        )

    assert writes(school, before) == []


def test_a_saved_plan_is_applied_exactly_or_not_at_all(school: Door, tmp_path: Path) -> None:
    saved = tmp_path / "monday.plan"
    assert school.toolkit("plan", "-o", str(saved)).exit == 3
    settings, playbooks = settings_of(school), api.load(school.playbooks)

    school.write("30-mail.yaml", PLAYBOOK.replace("outside", "external"))
    with pytest.raises(api.StalePlan):
        api.apply(api.load(school.playbooks), confirm=agree, saved_plan=saved, settings=settings)
    report = api.apply(playbooks, confirm=agree, saved_plan=saved, settings=settings)

    assert report.exit == 0
    assert len(report.outcomes or ()) == 1


def test_another_school_and_the_sample_on_live_tenants_are_refused(school: Door) -> None:
    settings, file = settings_of(school), school.playbooks / "00-school.yaml"
    with pytest.raises(api.UsageError, match="is the domain of the sample school"):
        api.apply(api.load(school.playbooks), confirm=agree, settings=settings_of(school, TOOLKIT_TARGET="live"))
    assert school.tenant.requests() == []
    file.write_text(file.read_text().replace(school.tenant.tenant_id, "11111111-2222-3333-4444-555555555555"))
    for run in (api.plan, api.detect_drift):
        with pytest.raises(api.WrongTenant):
            run(api.load(school.playbooks), settings=settings)

    assert writes(school, 0) == []


def test_settings_that_are_given_take_the_place_of_the_environment(
    school: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLKIT_STATE", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TOOLKIT_TARGET", "live")

    report = api.detect_drift(api.load(school.playbooks), settings=settings_of(school))

    context = report.run.context
    assert context.target.name == "emulator"
    assert context.sources
    assert list(context.sources.from_environment) == sorted(school.variables)
    assert not (tmp_path / "elsewhere").exists()


def test_a_single_file_is_no_reason_to_prune(school: Door) -> None:
    with pytest.raises(api.UsageError, match="--prune needs all playbooks"):
        api.plan(
            api.load(school.playbooks / "30-mail.yaml"),
            selection=api.Selection(prune=True),
            settings=settings_of(school),
        )
    with pytest.raises(api.PlaybookError):
        api.load(school.playbooks / "missing.yaml")


def test_the_api_needs_no_command_line() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import json, sys, toolkit.api; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert [name for name in json.loads(listed.stdout) if name.startswith(("click", "toolkit.cli", "rich"))] == []
