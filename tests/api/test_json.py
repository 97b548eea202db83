"""The JSON of every report of the API is that of the command, for the same tenant and playbooks."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.api.school import POLICY, agree, settings_of
from tests.door import Checkpoint
from tests.schools import Schools
from toolkit import api
from toolkit.engine.report_json import JsonReport

PLAYBOOK = """\
playbook: mail
title: Mail
owner: Head Teacher
clauses: [EML-04]
controls:
  - identity.mfa:
      for: staff
resources:
  - microsoft365.transport_rule: Outside
    from_scope: NotInOrganization
    prepend_subject: "[{subject}] "
"""
SECRET = "a-secret-of-the-school-4711"
RULES = "microsoft365.transport_rule"
_BY_NATURE = re.compile(r"\b[0-9a-f]{12}\b|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+\d\d:\d\d)")
"""Ids of runs, and times."""


PLAYBOOKS = "PLAYBOOKS"


@dataclass(frozen=True)
class Pair:
    """A command, and the function that does the same; `PLAYBOOKS` is the folder of the school."""

    report: type[JsonReport]
    words: tuple[str, ...]
    call: Callable[[api.Playbooks, api.Settings], JsonReport]
    seen: tuple[str, ...]  # keys of the JSON that the school fills


PERSON = "amara.ashdown@example-primary.example"
SENDER, RECIPIENT = "parent@family.example", "office@example-primary.example"
PAIRS = {
    "plan": Pair(
        api.Report,
        ("plan", PLAYBOOKS),
        lambda school, settings: api.plan(school, settings=settings),
        ("changes", "controls"),
    ),
    "plan of a part": Pair(
        api.Report,
        ("plan", PLAYBOOKS, "--only", "Outside"),
        lambda school, settings: api.plan(school, selection=api.Selection(only=("Outside",)), settings=settings),
        ("changes",),
    ),
    "apply": Pair(
        api.Report,
        ("apply", PLAYBOOKS, "--yes"),
        lambda school, settings: api.apply(school, confirm=agree, settings=settings),
        ("outcomes", "way_back"),
    ),
    "drift": Pair(
        api.DriftReport,
        ("drift", PLAYBOOKS),
        lambda school, settings: api.detect_drift(school, settings=settings),
        ("findings", "worth_a_look"),
    ),
    "check": Pair(
        api.CheckReport,
        ("check", PLAYBOOKS),
        lambda school, settings: api.check(school, settings=settings),
        ("findings", "verdicts"),
    ),
    "policy": Pair(
        api.PolicyReport,
        ("policy", PLAYBOOKS),
        lambda school, settings: api.evaluate_policy(school, settings=settings),
        ("clauses", "document"),
    ),
    "one clause": Pair(
        api.PolicyReport,
        ("policy", PLAYBOOKS, "EML-04"),
        lambda school, settings: api.evaluate_policy(school, settings=settings).select_clause("EML-04"),
        ("clauses",),
    ),
    "withdraw": Pair(
        api.Report,
        ("withdraw", PLAYBOOKS, "--yes"),
        lambda school, settings: api.withdraw(school, confirm=agree, settings=settings),
        ("outcomes", "stays"),
    ),
    "rollback": Pair(
        api.Report,
        ("rollback", "last", PLAYBOOKS, "--yes"),
        lambda school, settings: api.rollback(school, confirm=agree, settings=settings),
        ("outcomes", "rolls_back"),
    ),
    "validate": Pair(
        api.ValidationReport,
        ("validate", PLAYBOOKS),
        lambda school, settings: api.validate(school.root, settings=settings),
        ("objects",),
    ),
    "kinds": Pair(api.KindsReport, ("kinds",), lambda _school, _settings: api.kinds(), ("kinds",)),
    "one kind": Pair(
        api.KindsReport,
        ("kinds", "mail.disclaimer"),
        lambda _school, _settings: api.kinds("mail.disclaimer"),
        ("groups", "facts"),
    ),
    "account": Pair(
        api.AccountReport,
        ("account", PERSON, PLAYBOOKS, "--why", "support"),
        lambda school, settings: api.find_account_settings(
            school, api.describe_account_question(school.school, PERSON, "support"), settings=settings
        ),
        ("clouds", "notes"),
    ),
    "message": Pair(
        api.MessageReport,
        ("message", PLAYBOOKS, "--from", SENDER, "--to", RECIPIENT, "--subject", "Lunch"),
        lambda school, settings: api.predict_message(
            school,
            api.describe_message(school.school, sender=SENDER, to=[RECIPIENT], subject="Lunch"),
            settings=settings,
        ),
        ("clouds", "assumptions"),
    ),
    "forget": Pair(
        api.ForgetReport,
        ("forget", PLAYBOOKS, "--before", "2026-01-01", "--by", "Data Protection Officer"),
        lambda school, settings: api.forget(school, date(2026, 1, 1), "Data Protection Officer", settings=settings),
        ("before", "stays"),
    ),
}


@pytest.fixture(scope="module")
def applied(module_schools: Schools) -> Checkpoint:
    """Apply a small school's playbooks, and then change both, so that each report has something to say."""
    door = module_schools.build({"users": 10}, own_snapshot=True)
    door = replace(door, variables={**door.variables, "TOOLKIT_HOLDS_KEY": SECRET})
    door.write("10-policy.yaml", POLICY)
    door.write("30-mail.yaml", PLAYBOOK.format(subject="outside"))
    applied = door.toolkit("apply", "--yes")
    assert applied.exit in {0, 3}, applied.out + applied.err
    door.write("30-mail.yaml", PLAYBOOK.format(subject=SECRET))
    return module_schools.checkpoint(door)


def comparable(answer: object) -> Any:
    return json.loads(_BY_NATURE.sub("-", json.dumps(answer)))


@pytest.mark.parametrize("name", PAIRS)
def test_the_json_of_a_report_is_that_of_the_command(name: str, applied: Checkpoint) -> None:
    pair, door = PAIRS[name], applied.restore()
    words = [door.playbooks if word == PLAYBOOKS else word for word in pair.words]
    printed = door(*words, "--json").json

    applied.restore()
    report = pair.call(api.load(door.playbooks), settings_of(door))
    answer = report.to_dict()

    assert type(report) is pair.report
    assert answer == json.loads(json.dumps(answer)), "it holds only what JSON has"
    assert comparable(answer) == comparable(printed)
    assert [key for key in pair.seen if not answer[key]] == []
    assert SECRET not in json.dumps(answer)


def test_confirm_is_given_the_json_of_the_plan_without_secrets(applied: Checkpoint) -> None:
    door, asked = applied.restore(), list[Mapping[str, Any]]()

    def refuse(report: api.Report) -> bool:
        asked.append(report.to_dict())
        return False

    school, settings = api.load(door.playbooks), settings_of(door)
    report = api.apply(school, confirm=refuse, settings=settings)

    assert SECRET in str(report.plan.changes[0]), "the report itself holds what a write needs"
    planned = api.plan(school, settings=settings).to_dict()
    assert asked[0]["changes"] == report.to_dict()["changes"] == planned["changes"]
    assert SECRET not in json.dumps(asked)


def test_objects_are_read_without_a_playbook(applied: Checkpoint) -> None:
    door = applied.restore()
    (door.playbooks / "30-mail.yaml").unlink()
    school, settings = api.load_school(door.playbooks), settings_of(door)
    words = "At the hospital"
    away = {"status": "alwaysEnabled", "internalReplyMessage": words, "externalReplyMessage": words}
    replies = api.read_objects(school, ["automatic_reply"], settings=settings).objects["microsoft365.automatic_reply"]
    person = replies[0].address.name
    door.tenant.put("outlook.mailboxSettings", person, {"automaticRepliesSetting": away})

    with api.open(school, settings=settings) as session:
        report = session.read_objects(["transport_rule", "microsoft365.automatic_reply"])
        before = door.tenant.last_request()
        same = session.read_objects(["transport_rule"])
    answer: Any = report.to_dict()

    assert report.exit == api.Exit.AS_WANTED
    assert same.objects == {RULES: report.objects[RULES]}
    assert door.tenant.operations(before) == [], "a session reads a kind once"
    (rule,) = [rule for rule in answer["objects"][RULES] if rule["address"] == f"{RULES}[Outside]"]
    assert rule["settings"]["prepend_subject"] == "[outside] "
    (reply,) = [one for one in answer["objects"]["microsoft365.automatic_reply"] if one["settings"]["status"] != "off"]
    assert (reply["id"], reply["settings"]["internal"]) == (None, "(words of their own, not shown)")
    assert "hospital" not in json.dumps(answer)
    assert person not in json.dumps(answer)
    with pytest.raises(api.UsageError, match=r"unknown kind `mail_rule`: `toolkit kinds` lists"):
        api.read_objects(school, ["mail_rule"], settings=settings)


def test_every_other_report_has_json_too(applied: Checkpoint, tmp_path: Path) -> None:
    door = applied.restore()
    written = api.export_report(api.load(door.playbooks), tmp_path / "reports", settings=settings_of(door))
    drift = api.detect_drift(api.load(door.playbooks), settings=settings_of(door))

    read = api.read_objects(api.load_school(door.playbooks), ["transport_rule"], settings=settings_of(door))

    offered = {getattr(api, name) for name in api.__all__ if name.endswith("Report")}
    assert {kind.__name__ for kind in offered if issubclass(kind, JsonReport)} == {kind.__name__ for kind in offered}
    assert offered - {pair.report for pair in PAIRS.values()} == {type(written), type(read)}, (
        "audit export has no --json, and no command reads objects"
    )
    answer = written.to_dict()
    assert answer["files"] == [{"path": str(path), "sha256": sha} for path, sha in written.files.items()]
    assert (answer["exit"], answer["deliveries"]) == (written.exit, [])
    assert drift.run.to_dict()["changes"]
