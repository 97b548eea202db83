"""`toolkit report`: responses are added to a draft, and a role releases the final; neither reads a tenant."""

import json
from pathlib import Path
from typing import Any

from tests.cli.test_audit_export_mail import POLICY
from tests.door import Door
from tests.schools import Schools
from toolkit.board_report.pack import FORMAT
from toolkit.board_report.seal import SEAL, add_seal
from toolkit.board_report.writers import as_json
from toolkit.engine.prepare_run import prepare_run
from toolkit.features import extensions
from toolkit.ledger.entries import ReportReleased
from toolkit.playbook.load import load
from toolkit.settings.settings import read_settings

UNTAGGED = POLICY.replace(
    "clauses:\n",
    "clauses:\n  - {clause: SYS-20, says: Mail from outside is marked., class: settable,"
    " place: {paragraph: 2, begins: Mail}, controls: [mail.external_tag]}\n",
)
TAG = """\
playbook: tag
title: Mail from outside is marked
owner: Head Teacher
mode: check
controls:
  - mail.external_tag: {for: everyone}
"""
MATTER = "mail.external_tag"
REFUSALS = ("did you mean", "--due: give the date", "and not people", "2026-11-10 or later, or --accept-risk")


def test_a_draft_gets_responses_and_is_released_as_it_was_read(schools: Schools, tmp_path: Path) -> None:
    door = schools.build({"users": 10}, own_snapshot=True)
    door.write("10-policy.yaml", UNTAGGED)
    door.write("20-tag.yaml", TAG)
    draft = _export(door, tmp_path / "draft")
    told = _read(draft)
    assert (told["release"]["state"], [gap["matter"] for gap in told["gaps"]]) == ("draft", [MATTER])
    assert told["gaps"][0]["response"] is None
    assert told["unanswered"] == "Ask for the school's response to 1 matter above."
    requests = len(door.tenant.requests())

    assert _refused(door, draft, "mail.external_tags", "--due", "2026-12-01") == "did you mean"
    assert _refused(door, draft, MATTER) == "--due: give the date"
    assert _refused(door, draft, MATTER, "--due", "2026-11-09") == "2026-11-10 or later, or --accept-risk"
    assert _refused(door, draft, MATTER, "--due", "2026-12-01", lead="a@example.org") == "and not people"
    with prepare_run(
        load(door.playbooks),
        read_settings(door.playbooks, door.variables),
        extensions=extensions,
        command="report release",
        writes=False,
    ) as run:  # as an earlier toolkit took it
        by = "Edwin Elmsworth <edwin.elmsworth@example-primary.example>"
        run.ledger.append(ReportReleased(run="earlier", at=run.context.now, report="earlier", by=by))
    named = _respond(door, draft, MATTER, "--due", "2026-12-01", text="Edwin Elmsworth does it.")
    assert (named.exit, "'Edwin Elmsworth' is the name of a person: name a role" in named.err) == (2, True)
    first, second = "The committee meets.", "The board reviews it."
    for text in (first, second):
        answer = _respond(door, draft, MATTER, "--due", "2026-12-01", text=text)
        assert answer.exit == 0, answer.err

    out = tmp_path / "final"
    mailed = door("report", "release", draft, door.playbooks, "--by", "Head Teacher", "-o", out, "--mail")
    assert (mailed.exit, "a practice run is not mailed" in mailed.err, out.exists()) == (2, True, False)
    answer = door("report", "release", draft, door.playbooks, "--by", "Head Teacher", "-o", out)
    assert answer.exit == 0, answer.err
    final = _read(next(out.glob("*_final.json")))
    response = final["gaps"][0]["response"]
    _check_release(door, final["release"], told["run"]["id"])
    assert response["told"].startswith("The board reviews it. Lead: Chair of Governors, by 1 December 2026.")
    assert [earlier["text"] for earlier in final["gaps"][0]["earlier_responses"]] == [first]
    assert final["unanswered"] is None
    kept = ("clauses", "summary", "mfa", "filtering", "run", "record")
    assert {name: final[name] for name in kept} == {name: told[name] for name in kept}
    page = next(out.glob("*_final.html")).read_text()
    assert response["told"] in page
    assert final["release"]["told"] in page
    assert len(door.tenant.requests()) == requests
    assert door("audit", "verify", next(out.glob("*_final.json"))).exit == 0

    assert "was already released" in _not_released(door, next(out.glob("*_final.json")))
    assert "was released by the Head Teacher, as claimed by the operator, on 10 November 2026" in _not_released(
        door, draft
    )
    late = _respond(door, draft, MATTER, "--due", "2026-12-01", text="Too late.")
    assert (late.exit, "make a new draft" in late.err) == (2, True)
    older = {name: value for name, value in _read(draft).items() if name != SEAL} | {"format": FORMAT - 1}
    draft.write_text(as_json(add_seal(older)))
    assert f"(format {FORMAT - 1}; this one writes {FORMAT}): make a new draft" in _not_released(door, draft)
    draft.write_text(draft.read_text().replace("Mail from outside is marked.", "Mail is marked."))
    assert "has changed since it was written here" in _not_released(door, draft)
    assert _read(_export(door, tmp_path / "next"))["gaps"][0]["response"]["text"] == second


def _check_release(door: Door, release: Any, report: str) -> None:
    """Check that the final and the log show which role released the report, and that no one checked it."""
    assert release["told"] == "Final: released by the Head Teacher, as claimed by the operator, on 10 November 2026."
    logged = door("audit", "log", "--last", "1", "--json").json["runs"][0]
    assert logged["released"] == {"report": report, "by": "Head Teacher", "claimed": True}
    assert f"released report {report}" in door("audit", "log", "--last", "1").out
    shown = door("audit", "log", "--run", logged["run"]).out
    assert f"released report {report}, by the Head Teacher, as claimed by the operator" in shown


def _not_released(door: Door, draft: Path) -> str:
    """Return why a document is not released."""
    answer = door("report", "release", draft, door.playbooks, "--by", "Head", "-o", draft.parent / "refused")
    assert (answer.exit, (draft.parent / "refused").exists()) == (2, False), answer.out
    return answer.err


def _export(door: Door, directory: Path) -> Path:
    answer = door("audit", "export", door.playbooks, "-o", directory)
    assert answer.exit == 0, answer.err
    return next(directory.glob("*_governors_*.json"))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _respond(door: Door, draft: Path, matter: str, *options: str, text: str, lead: str = "Chair of Governors") -> Any:
    words = ("--response", text, "--lead", lead, *options)
    return door("report", "respond", draft, matter, door.playbooks, *words)


def _refused(door: Door, draft: Path, matter: str, *options: str, lead: str = "Chair of Governors") -> str:
    """Return which reason a refused response gives."""
    answer = _respond(door, draft, matter, *options, text="It is planned.", lead=lead)
    assert answer.exit == 2, answer.out
    assert any(said in answer.err for said in REFUSALS), answer.err
    return next(said for said in REFUSALS if said in answer.err)
