"""Sends the files of an export to those whom the school file names by mail, each message between its two entries."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from toolkit.board_report.cover_email import letter
from toolkit.board_report.tables import Told
from toolkit.engine.context import RunContext
from toolkit.engine.notices.deliver import Delivery, Notice, tell
from toolkit.errors import UsageError
from toolkit.ledger.ledger import Ledger
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.address import Address
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.notices import Channel
from toolkit.sdk.providers import providers

MOST = 2_900_000
"""How many bytes go with one message: a request of Microsoft Graph takes 4 MB, in which files stand as base64.

https://learn.microsoft.com/graph/outlook-large-attachments"""


def mailboxes(playbooks: Playbooks) -> Sequence[Channel]:
    """Give the channels by mail; UsageError where there is none."""
    school = playbooks.school
    found = [one for one in school.notices.channels if one.by_mail] if school.notices else []
    if not found:
        raise UsageError(
            f"{school.origin.path}: --mail: nobody is named: write a channel `by: mail` under `notifications:`"
        )
    return found


def refuse_unable(channels: Sequence[Channel], target: Target) -> None:
    """Raise UsageError, before anything is asked, where mail cannot be sent with what is set."""
    missing = [
        variable
        for name in dict.fromkeys(channel.provider for channel in channels)
        for variable in (providers()[name].credentials(target.variables, Identity.WRITE) if target.live else ())
    ]
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise UsageError(f"--mail: mail is sent with the identity that writes, and these are not set: {names}")


def _refuse_large(files: Mapping[str, bytes]) -> None:
    """Raise UsageError where the files are more than one message takes."""
    size = sum(map(len, files.values()))
    if size > MOST:
        raise UsageError(
            f"--mail: the files are {size / 1e6:.1f} MB together, and one message takes {MOST / 1e6:.1f} MB:"
            " choose fewer packs or forms"
        )


def mail_files(
    context: RunContext,
    playbooks: Playbooks,
    ledger: Ledger,
    channels: Sequence[Channel],
    *,
    documents: Sequence[Told],
    files: Mapping[str, bytes],
) -> Sequence[Delivery]:
    """Send one letter with its files to each channel; the ledger gets the digest of each file, and no address."""
    if not channels:
        return ()
    _refuse_large(files)
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    notice = Notice(letter(documents, files, digests), digests)
    return tell(context, playbooks, ledger, channels, lambda _: notice, act=report_address)


def report_address(channel: str) -> Address:
    """Name the act of sending a report to a channel, as the ledger does."""
    return Address("toolkit", "report", channel)
