"""Send the files of an export by mail to the addresses in the school file."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from pathlib import PurePath

from toolkit.board_report.pack import CALENDAR, TITLES, Format, Pack
from toolkit.board_report.tables import ReportData
from toolkit.engine.context import RunContext
from toolkit.engine.notices.deliver import Delivery, Notice, deliver_notices
from toolkit.engine.notices.transports import PlainMessage
from toolkit.errors import UsageError
from toolkit.ledger.ledger import Ledger
from toolkit.playbook.entries import Playbooks
from toolkit.school.notices import Channel
from toolkit.school.signals import Attachment
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.dates import day, elapsed_text
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Address
from toolkit.signatures import SUFFIX

MOST = 2_900_000
"""The most bytes of files in one message. A request to Microsoft Graph takes 4 MB, with the files in base64.

https://learn.microsoft.com/graph/outlook-large-attachments"""


def mailboxes(playbooks: Playbooks, packs: Sequence[Pack]) -> Sequence[Channel]:
    """Return the mailboxes of the head and the clerk, the only people to whom reports are mailed.

    Raise UsageError if the school file does not name them, or if a pack must not leave the school's domains.
    """
    school = playbooks.school
    if not school.report_readers:
        raise UsageError(
            f"{school.origin.path}: --mail: a report goes only to the head and the clerk. Write `from`, `head` and"
            " `clerk` under `reports:`"
        )
    _refuse_outside(school.report_readers, packs, playbooks)
    return school.report_readers


def _refuse_outside(channels: Sequence[Channel], packs: Sequence[Pack], playbooks: Playbooks) -> None:
    """Raise UsageError if a pack other than the summary would go to an address outside the school's domains."""
    school = playbooks.school
    outside = [
        channel.to
        for channel in channels
        if not _is_inside(channel.to, school.domains) and any(pack is not Pack.SUMMARY for pack in packs)
    ]
    if outside:
        raise UsageError(
            f"{school.origin.path}: --mail: {', '.join(outside)}: outside the school's domains. Only --pack summary may"
            " be mailed to these addresses"
        )


def _is_inside(address: str, domains: Sequence[str]) -> bool:
    return address.rpartition("@")[2].casefold() in {domain.casefold() for domain in domains}


def refuse_unable(channels: Sequence[Channel], target: Target) -> None:
    """Raise UsageError if a setting that is needed to send mail is missing. No request is made before this check."""
    missing = [
        variable
        for name in dict.fromkeys(channel.provider for channel in channels)
        for variable in (
            providers()[name].ways.missing_variables(target.variables, Identity.WRITE) if target.live else ()
        )
    ]
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise UsageError(f"--mail: mail is sent with the identity that writes, and these are not set: {names}")


def _refuse_large(files: Mapping[str, bytes]) -> None:
    """Raise UsageError if the files are too large for one message."""
    size = sum(map(len, files.values()))
    if size > MOST:
        raise UsageError(
            f"--mail: the files are {size / 1e6:.1f} MB together, but one message takes at most {MOST / 1e6:.1f} MB:"
            " choose fewer packs or formats"
        )


def mail_files(
    context: RunContext,
    playbooks: Playbooks,
    ledger: Ledger,
    channels: Sequence[Channel],
    *,
    documents: Sequence[ReportData],
    files: Mapping[str, bytes],
) -> Sequence[Delivery]:
    """Send each channel one message with its files.

    The ledger records the digest of each file, but no mail address.
    """
    if not channels:
        return ()
    _refuse_large(files)
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    notice = Notice(covering_message(documents, files, digests), digests)
    return deliver_notices(context, playbooks, ledger, channels, lambda _: notice, find_ledger_address=report_address)


def report_address(channel: str) -> Address:
    """Return the address by which the ledger refers to a report that is sent to a channel."""
    return Address("toolkit", "report", channel)


_MEDIA = {
    f".{Format.JSON}": "application/json",
    f".{Format.HTML}": "text/html",
    f".{Format.PDF}": "application/pdf",
    f".{Format.CSV}": "text/csv",
    f".{Format.XLSX}": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CALENDAR: "text/calendar",
    SUFFIX: "text/plain",
}
_CONFIDENTIAL = "Confidential: do not pass it on, and do not publish it."


def covering_message(
    documents: Sequence[ReportData], files: Mapping[str, bytes], digests: Mapping[str, str]
) -> PlainMessage:
    """Return the message that is sent with the files of some packs. It lists the digest of each file."""
    first = documents[0]
    made = day(datetime.fromisoformat(first["run"]["at"]).date())
    titles = [TITLES[Pack(document["pack"])].lower() for document in documents]
    practice = "Practice run, simulated data: " if first["practice_run"] else ""
    subject = f"{practice}{first['school']}: {' and '.join(titles)}, {made}"
    attached = tuple(Attachment(name, _MEDIA[PurePath(name).suffix], content) for name, content in files.items())
    return PlainMessage(subject, "\n".join(_letter_lines(documents, digests)) + "\n", attached)


def _letter_lines(documents: Sequence[ReportData], digests: Mapping[str, str]) -> Iterator[str]:
    first = documents[0]
    if first["practice_run"]:
        yield from (first["notice"], "")
    if first["policy"]["overdue_days"]:
        due = date.fromisoformat(first["policy"]["review_due"])
        late = elapsed_text(due, datetime.fromisoformat(first["run"]["at"]).date())
        yield from (f"The review of the policy was due on {day(due)} and is {late} late.", "")
    yield f"The status of {first['policy']['title'] or 'the policy'} at {first['school']} is in the attached files."
    yield first["summary"]["told"]
    if any(document["pack"] != Pack.SUMMARY for document in documents):
        yield _CONFIDENTIAL
    yield from ("", "The files, each with its SHA-256:")
    yield from (f"{digest}  {name}" for name, digest in digests.items())
    yield "`toolkit audit verify FILE`, run at the school, shows whether a file was changed."
