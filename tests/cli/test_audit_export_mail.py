"""`toolkit audit export --mail`: refused for a practice run; below that refusal the files go as they were written."""

import json
import sqlite3
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Mapping, Sequence
from contextlib import closing
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.door import Door, open_door
from tests.emulated import Emulator
from toolkit.board_report.delivery import MOST, final_mailboxes, mail_files, mailboxes
from toolkit.board_report.document import document
from toolkit.board_report.export import export_run
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.period import Beginning
from toolkit.board_report.writers import as_json, forms
from toolkit.drift.run import EXPORT_COMMAND
from toolkit.engine.notices.deliver import Delivery
from toolkit.engine.prepare_run import PreparedRun, prepare_run
from toolkit.errors import PlaybookError, UsageError
from toolkit.features import extensions
from toolkit.notices.delivery_text import delivery_lines, undelivered
from toolkit.playbook.load import load
from toolkit.settings.settings import read_settings

POLICY = """\
policy: small
section: Small
owner: Head Teacher
document: {title: The policy, ratified: 2026-05-18, review_due: 2027-05-18}
clauses:
  - {clause: EML-04, says: Mail is polite., class: people, place: {paragraph: 1, begins: Be polite}}
"""
CHANNELS = """
notifications:
  channels:
    office: {by: mail, from: office@example-primary.example, to: clerk@example-primary.example}
    chair: {by: mail, tenant: google_workspace, from: SENDER, to: chair@example-primary.example}
    hook: {by: url}
"""
REPORTS = """
reports: {from: office@example-primary.example, head: head@example-primary.example, clerk: CLERK}
"""


def test_files_go_to_each_mailbox_through_its_own_tenant_as_they_were_written(
    emulator: Emulator, tmp_path: Path
) -> None:
    tenant = emulator.borrow_tenant(users=10)
    door = open_door(tenant, tmp_path, samples=False)
    door.write("10-policy.yaml", POLICY)
    nobody = _export(door, "--mail", TOOLKIT_TARGET="live", TOOLKIT_MICROSOFT365_AUTH="secret")
    school = door.playbooks / "00-school.yaml"
    sender = next(one["primaryEmail"] for one in tenant.objects("google.users").values())
    school.write_text(school.read_text() + CHANNELS.replace("SENDER", sender) + _readers())
    assert nobody.exit == 2
    refused, case = _export(door, "--mail"), _export(door, "--mail", "--pack", "case", TOOLKIT_TARGET="live")
    assert (refused.exit, case.exit) == (2, 2)
    assert "a practice run is not mailed" in refused.err
    assert "the pack case is for named investigators: hand it over, it is not mailed" in case.err
    assert not tenant.requests()

    settings = read_settings(door.playbooks, door.variables)
    with prepare_run(
        load(door.playbooks), settings, extensions=extensions, command=EXPORT_COMMAND, writes=False
    ) as run:
        export = export_run(run.context, run.playbooks, run.ledger, Beginning())
        documents = [json.loads(as_json(document(export, Pack.GOVERNORS)))]
        files = dict(forms(documents[0], [Format.HTML, Format.CSV]))
        export.finished({})
        sent = _sent(run, documents, files)
        with pytest.raises(UsageError, match="choose fewer packs or forms"):
            _sent(run, documents, {"much.csv": b"x" * (MOST + 1)})
        tenant.fault("refused", "POST /users/{id}/sendMail", times=1)
        failed = _sent(run, documents, files)
        before = {*tenant.objects("outlook.sentMessages")}
        final = final_mailboxes(run.playbooks, Pack.GOVERNORS)
        mail_files(run.context, run.playbooks, run.ledger, final, documents=documents, files=files)

    released = [one for key, one in tenant.objects("outlook.sentMessages").items() if key not in before]
    recipients = [to["emailAddress"]["address"] for one in released for to in one["message"]["toRecipients"]]
    assert sorted(recipients) == ["clerk@example-primary.example", "head@example-primary.example"]
    said = "\n".join(line.text for line in delivery_lines([*sent, *failed]))
    assert (undelivered(sent), undelivered(failed)) == (False, True)
    assert "+ office, mail from office@example-primary.example to clerk@example-primary.example: sent" in said
    assert "! office, mail from office@example-primary.example to clerk@example-primary.example: not sent" in said
    (one,) = (one for key, one in tenant.objects("outlook.sentMessages").items() if key in before)
    message = one["message"]
    assert message["subject"].startswith("Practice run, simulated data: Example Primary School: report to governors, ")
    assert all(
        f"{sha256(content).hexdigest()}  {name}" in message["body"]["content"] for name, content in files.items()
    )
    assert {each["name"]: b64decode(each["contentBytes"]) for each in message["attachments"]} == files
    first, _ = tenant.objects("gmail.sentMessages").values()
    parts = message_from_bytes(urlsafe_b64decode(first["raw"] + "=="), policy=policy.default)
    assert {part.get_filename(): part.get_payload(decode=True) for part in parts.iter_attachments()} == files
    assert first["to"] == "chair@example-primary.example"
    with closing(sqlite3.connect(door.state / "emulator" / "ledger.db")) as ledger:
        text = "".join(text for (text,) in ledger.execute("SELECT text FROM entry ORDER BY n"))
    assert "toolkit.report[office]" in text
    assert sha256(files[next(iter(files))]).hexdigest() in text
    assert "chair@example-primary.example" not in text
    tenant.close()


def _readers(clerk: str = "clerk@example-primary.example") -> str:
    return REPORTS.replace("CLERK", clerk)


def _export(door: Door, *options: str, **variables: str) -> Any:
    return door("audit", "export", door.playbooks, "-o", door.state / "out", *options, **variables)


def _sent(run: PreparedRun, documents: list[Any], files: Mapping[str, bytes]) -> Sequence[Delivery]:
    channels = mailboxes(run.playbooks, [Pack.GOVERNORS])
    return mail_files(run.context, run.playbooks, run.ledger, channels, documents=documents, files=files)


def test_a_released_report_goes_to_the_head_and_the_clerk_inside_the_school_and_to_no_other_channel(
    emulator: Emulator, tmp_path: Path
) -> None:
    tenant = emulator.open_tenant(users=10)
    door = open_door(tenant, tmp_path, samples=False)
    school = door.playbooks / "00-school.yaml"
    first = school.read_text() + CHANNELS.replace("SENDER", "a@example-primary.example")
    tenant.close()

    def channels(written: str) -> list[str]:
        school.write_text(first + written)
        return [channel.to for channel in final_mailboxes(load(door.playbooks), Pack.GOVERNORS)]

    assert channels(_readers()) == ["head@example-primary.example", "clerk@example-primary.example"]
    with pytest.raises(UsageError, match=r"clerk@example\.org: outside the school's domains"):
        channels(_readers("clerk@example.org"))
    with pytest.raises(UsageError, match="write `from`, `head` and `clerk` under `reports:`"):
        channels("")
    with pytest.raises(PlaybookError, match="this school has no tenant `microsoft`"):
        channels(_readers().replace("{from", "{tenant: microsoft, from"))


def test_only_the_summary_is_mailed_outside_the_domains_of_the_school(emulator: Emulator, tmp_path: Path) -> None:
    tenant = emulator.open_tenant(users=10)
    door = open_door(tenant, tmp_path, samples=False)
    school = door.playbooks / "00-school.yaml"
    outside = CHANNELS.replace("chair@example-primary.example", "chair@example.org").replace("SENDER", "a@b.example")
    school.write_text(school.read_text() + outside)
    playbooks = load(door.playbooks)
    tenant.close()

    assert [channel.name for channel in mailboxes(playbooks, [Pack.SUMMARY])] == ["office", "chair"]
    for packs in ([Pack.GOVERNORS], [Pack.SUMMARY, Pack.EVIDENCE]):
        with pytest.raises(UsageError, match=r"chair@example\.org: outside the school's domains"):
            mailboxes(playbooks, packs)
