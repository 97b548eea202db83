"""`toolkit audit export --mail`: refused for a practice run; below that refusal the files go as they were written."""

import json
import sqlite3
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.door import Door, open_door
from tests.emulated import Emulator
from tests.schools import Schools
from toolkit.board_report.delivery import MOST, mail_files, mailboxes
from toolkit.board_report.document import document
from toolkit.board_report.export import export_run
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.period import Beginning
from toolkit.board_report.writers import as_json, report_files
from toolkit.drift.run import EXPORT_COMMAND
from toolkit.engine.notices.deliver import Delivery
from toolkit.engine.prepare_run import PreparedRun, prepare_run
from toolkit.errors import PlaybookError, UsageError
from toolkit.features import extensions
from toolkit.notices.delivery_text import delivery_lines, has_failures
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
    office: {by: mail, from: office@example-primary.example, to: technician@example-primary.example}
    hook: {by: url}
"""
HEAD = "head@example-primary.example"


def test_files_go_to_the_head_and_the_clerk_alone_as_they_were_written(emulator: Emulator, tmp_path: Path) -> None:
    tenant = emulator.borrow_tenant(users=10)
    door = open_door(tenant, tmp_path, samples=False)
    door.write("10-policy.yaml", POLICY)
    school = door.playbooks / "00-school.yaml"
    first = school.read_text() + CHANNELS
    school.write_text(first + _readers())
    refused, case = _export(door, "--mail"), _export(door, "--mail", "--pack", "case", TOOLKIT_TARGET="live")
    assert (refused.exit, case.exit) == (2, 2)
    assert "a practice run is not mailed" in refused.err
    assert "the pack case is for named investigators and is never mailed. Hand it over instead" in case.err
    assert not tenant.requests()

    with _run(door) as run:
        export = export_run(run.context, run.playbooks, run.ledger, Beginning())
        documents = [json.loads(as_json(document(export, Pack.GOVERNORS)))]
        files = dict(report_files(documents[0], [Format.HTML, Format.CSV]))
        export.record_end({})
        sent = _sent(run, documents, files)
        with pytest.raises(UsageError, match="choose fewer packs or formats"):
            _sent(run, documents, {"much.csv": b"x" * (MOST + 1)})
        tenant.fault("refused", "POST /users/{id}/sendMail", times=1)
        failed = _sent(run, documents, files)
    messages = [each["message"] for each in tenant.objects("outlook.sentMessages").values()]
    sender = next(each["primaryEmail"] for each in tenant.objects("google.users").values())
    school.write_text(first + _readers(sender=f"{sender}, tenant: google_workspace"))
    with _run(door) as run:
        _sent(run, documents, files)

    recipients = [to["emailAddress"]["address"] for message in messages for to in message["toRecipients"]]
    assert sorted(recipients) == ["clerk@example-primary.example", "clerk@example-primary.example", HEAD]
    said = "\n".join(line.text for line in delivery_lines([*sent, *failed]))
    assert (has_failures(sent), has_failures(failed)) == (False, True)
    assert f"+ head, mail from office@example-primary.example to {HEAD}: sent" in said
    assert f"! head, mail from office@example-primary.example to {HEAD}: not sent" in said
    message = messages[0]
    assert message["subject"].startswith("Practice run, simulated data: Example Primary School: report to governors, ")
    assert all(
        f"{sha256(content).hexdigest()}  {name}" in message["body"]["content"] for name, content in files.items()
    )
    assert {each["name"]: b64decode(each["contentBytes"]) for each in message["attachments"]} == files
    by_google = list(tenant.objects("gmail.sentMessages").values())
    parts = message_from_bytes(urlsafe_b64decode(by_google[0]["raw"] + "=="), policy=policy.default)
    assert {part.get_filename(): part.get_payload(decode=True) for part in parts.iter_attachments()} == files
    assert sorted(each["to"] for each in by_google) == ["clerk@example-primary.example", HEAD]
    with closing(sqlite3.connect(door.state / "emulator" / "ledger.db")) as ledger:
        text = "".join(text for (text,) in ledger.execute("SELECT text FROM entry ORDER BY n"))
    assert "toolkit.report[clerk]" in text
    assert sha256(files[next(iter(files))]).hexdigest() in text
    assert HEAD not in text
    tenant.close()


def _readers(clerk: str = "clerk@example-primary.example", sender: str = "office@example-primary.example") -> str:
    return f"\nreports: {{from: {sender}, head: {HEAD}, clerk: {clerk}}}\n"


def _export(door: Door, *options: str, **variables: str) -> Any:
    return door("audit", "export", door.playbooks, "-o", door.state / "out", *options, **variables)


def _run(door: Door) -> AbstractContextManager[PreparedRun]:
    settings = read_settings(door.playbooks, door.variables)
    return prepare_run(load(door.playbooks), settings, extensions=extensions, command=EXPORT_COMMAND, writes=False)


def _sent(run: PreparedRun, documents: list[Any], files: Mapping[str, bytes]) -> Sequence[Delivery]:
    channels = mailboxes(run.playbooks, [Pack.GOVERNORS])
    return mail_files(run.context, run.playbooks, run.ledger, channels, documents=documents, files=files)


@pytest.mark.parametrize(
    "packs", [[pack] for pack in Pack if pack is not Pack.SUMMARY] + [[Pack.SUMMARY, Pack.EVIDENCE]]
)
def test_only_the_summary_is_mailed_outside_the_domains_of_the_school(packs: Sequence[Pack], schools: Schools) -> None:
    door = schools.build({"users": 10}, own_snapshot=True)
    school = door.playbooks / "00-school.yaml"
    first = school.read_text() + CHANNELS

    def recipients(written: str, packs: Sequence[Pack]) -> list[str]:
        school.write_text(first + written)
        return [channel.to for channel in mailboxes(load(door.playbooks), packs)]

    outside = _readers("clerk@example.org")
    assert recipients(outside, [Pack.SUMMARY]) == [HEAD, "clerk@example.org"]
    assert recipients(_readers(), packs) == [HEAD, "clerk@example-primary.example"]
    with pytest.raises(UsageError, match=r"clerk@example\.org: outside the school's domains"):
        recipients(outside, packs)
    with pytest.raises(UsageError, match="Write `from`, `head` and `clerk` under `reports:`"):
        recipients("", packs)
    with pytest.raises(PlaybookError, match="this school has no tenant `microsoft`"):
        recipients(_readers().replace("{from", "{tenant: microsoft, from"), packs)
