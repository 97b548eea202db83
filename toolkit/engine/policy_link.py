"""Opens the policy document at its address, as a member of staff would, and compares it with the ratified file."""

import hashlib
import ssl
import urllib.error
import urllib.request
from datetime import datetime
from http.client import HTTPException
from urllib.parse import urlsplit

from toolkit.planning.policy.fact import NOBODY, Fact
from toolkit.playbook.policy_entries import PolicyDocument
from toolkit.sdk.connector import Target
from toolkit.sdk.reason import About, Reason, same_words
from toolkit.sdk.verdict import PartOutcome

_SECONDS = 20.0
_MOST = 20 * 1024 * 1024  # bytes
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_REFUSED = frozenset({401, 403})
_GONE = frozenset({404, 410})
_NONE = same_words("no_policy_link", "no address of the policy document is on file")()
_PRACTICE = same_words("policy_link_practice", "a practice run opens addresses of this computer only")()
_SAME = same_words("policy_link_same", "the policy opens at its address and is the ratified file")()
_OTHER = same_words("policy_link_other", "the address of the policy serves another file than the ratified one")()
_NO_SUM = same_words("policy_link_no_sum", "the policy opens, and no checksum of the ratified file is on file")()
_SIGN_IN = same_words("policy_link_sign_in", "the address of the policy asks for a sign-in, so it was not compared")()
_FAILS = same_words("policy_link_gone", "the policy does not open at its address: it answers with {status}")
_NO_ANSWER = same_words("policy_link_unread", "the policy could not be read at its address: {why}")
_SAYS = same_words("policy_link_says", "read from the address of the policy")()


def read_link(document: PolicyDocument | None, target: Target, now: datetime) -> Fact:
    """Return what the address of the document serves today."""
    if document is None or document.link is None:
        outcome, reason = PartOutcome.UNCONFIRMED, _NONE
    elif not target.live and urlsplit(document.link).hostname not in _HERE:
        outcome, reason = PartOutcome.NOT_LOOKED_AT, _PRACTICE
    else:
        outcome, reason = _looked(document.link, document.sha256, target)
    read = outcome in {PartOutcome.IN_PLACE, PartOutcome.DIFFERS}
    return Fact(
        outcome=outcome,
        reason=reason,
        says=_SAYS if read else NOBODY,
        seen=now if read else None,
        about=About("the link"),
    )


def _looked(link: str, ratified: str | None, target: Target) -> tuple[PartOutcome, Reason]:
    try:
        served, host = _opened(link, target)
    except urllib.error.HTTPError as error:
        return _refusal(error.code)
    except (OSError, HTTPException, ValueError) as error:
        return PartOutcome.UNKNOWN, _NO_ANSWER(why=str(getattr(error, "reason", error)))
    if ratified == served:
        return PartOutcome.IN_PLACE, _SAME
    if host != urlsplit(link).hostname:
        return PartOutcome.UNCONFIRMED, _SIGN_IN
    return (PartOutcome.DIFFERS, _OTHER) if ratified else (PartOutcome.UNCONFIRMED, _NO_SUM)


def _refusal(status: int) -> tuple[PartOutcome, Reason]:
    if status in _REFUSED:
        return PartOutcome.UNCONFIRMED, _SIGN_IN
    if status in _GONE:
        return PartOutcome.DIFFERS, _FAILS(status=str(status))
    return PartOutcome.UNKNOWN, _NO_ANSWER(why=f"it answers with {status}")


def _opened(link: str, target: Target) -> tuple[str, str | None]:
    """Return the checksum of what is served, and the host that served it."""
    trusted = ssl.create_default_context(cafile=str(target.ca_file) if target.ca_file else None)
    request = urllib.request.Request(link, headers={"User-Agent": "toolkit"})  # noqa: S310 - the form takes http alone
    with urllib.request.urlopen(request, timeout=_SECONDS, context=trusted) as answer:  # noqa: S310
        served = answer.read(_MOST + 1)
        if len(served) > _MOST:
            raise ValueError(f"it serves more than {_MOST // 1024**2} MB")
        return hashlib.sha256(served).hexdigest(), urlsplit(answer.url).hostname
