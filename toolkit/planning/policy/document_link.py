"""Check that the policy document can be downloaded from its address, and that it is the ratified file."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from toolkit.planning.policy.page import NOBODY, Fact
from toolkit.playbook.policy_entries import PolicyDocument
from toolkit.sdk.reason import About, Reason, ReasonCode, same_words
from toolkit.sdk.served_file import ServedFile
from toolkit.sdk.verdict import PartOutcome

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_REFUSED = frozenset({401, 403})
_GONE = frozenset({404, 410})
_NO_LINK = same_words("no_policy_link", "no address of the policy document is on file")()
_PRACTICE = same_words("policy_link_practice", "a practice run does not download files from another computer")()
_SAME = same_words("policy_link_same", "the address of the policy has the ratified file")()
_OTHER = same_words("policy_link_other", "the file at the address of the policy is not the ratified file")()
_NO_SUM = ReasonCode(
    "policy_link_no_sum",
    admin="the policy can be opened, but the playbooks have no checksum of the ratified file",
    governor="the policy can be opened, but nothing shows whether it is the ratified file",
)()
_SIGN_IN = same_words(
    "policy_link_sign_in", "the address of the policy asks for a sign-in, so the file was not compared"
)()
_FAILS = same_words("policy_link_gone", "the policy does not open at its address, which returns status {status}")
_NO_ANSWER = same_words("policy_link_unread", "the policy could not be read at its address: {why}")
_SAYS = same_words("policy_link_says", "read from the address of the policy")()


def check_document_link(
    document: PolicyDocument | None, read_file: Callable[[str], ServedFile], now: datetime, *, live: bool
) -> Fact:
    """Return a fact about the address of the policy document: whether the file there is the ratified file.

    `read_file` downloads the file. A practice run reads only addresses on this computer.
    """
    if document is None or document.link is None:
        outcome, reason = PartOutcome.UNCONFIRMED, _NO_LINK
    elif not live and urlsplit(document.link).hostname not in _HERE:
        outcome, reason = PartOutcome.NOT_LOOKED_AT, _PRACTICE
    else:
        outcome, reason = _compare_file(document.link, document.sha256, read_file(document.link))
    is_read = outcome in {PartOutcome.IN_PLACE, PartOutcome.DIFFERS}
    return Fact(
        outcome=outcome,
        reason=reason,
        says=_SAYS if is_read else NOBODY,
        read_at=now if is_read else None,
        subject=About("the link"),
    )


def _compare_file(link: str, ratified_checksum: str | None, served_file: ServedFile) -> tuple[PartOutcome, Reason]:
    if served_file.status is not None:
        return _explain_refused_request(served_file.status)
    if served_file.error is not None:
        return PartOutcome.UNKNOWN, _NO_ANSWER(why=served_file.error)
    if ratified_checksum == served_file.sha256:
        return PartOutcome.IN_PLACE, _SAME
    if served_file.host != urlsplit(link).hostname:
        return PartOutcome.UNCONFIRMED, _SIGN_IN
    return (PartOutcome.DIFFERS, _OTHER) if ratified_checksum else (PartOutcome.UNCONFIRMED, _NO_SUM)


def _explain_refused_request(status_code: int) -> tuple[PartOutcome, Reason]:
    if status_code in _REFUSED:
        return PartOutcome.UNCONFIRMED, _SIGN_IN
    if status_code in _GONE:
        return PartOutcome.DIFFERS, _FAILS(status=str(status_code))
    return PartOutcome.UNKNOWN, _NO_ANSWER(why=f"status {status_code}")
