"""Links in a service's answers: what of one may be followed."""

import re
from urllib.parse import SplitResult, urlsplit

from toolkit.errors import BadAnswer

_PRINTABLE = re.compile(r"[\x21-\x5b\x5d-\x7e]+")  # ASCII without spaces, control characters and the backslash
_SECURE = "https"
_SHOWN = 200  # characters of a refused link


def split_link(link: object, what: str) -> SplitResult:
    """Split an absolute HTTPS link; BadAnswer where a client could read another host in it than a person does."""
    if not isinstance(link, str) or not _PRINTABLE.fullmatch(link):
        raise BadAnswer(f"{what}: the answer has a link that is not followed: {_shown(link)} is not an address")
    try:
        parts = urlsplit(link)
        _ = parts.port
    except ValueError as wrong:
        raise BadAnswer(f"{what}: the answer has a link that is not followed: {_shown(link)}: {wrong}") from wrong
    if parts.scheme != _SECURE or not parts.hostname or "@" in parts.netloc:
        raise BadAnswer(f"{what}: the answer has a link that is not followed: {_shown(link)} is not a plain https link")
    return parts


def link_on_root(link: object, root: str, what: str) -> str:
    """Return the address that a link leads to, on the origin of `root`; BadAnswer for a link to another origin.

    Only path and query of the link count: scheme, host and port are those of the root, which gets the access token.
    """
    parts = split_link(link, what)
    if not same_origin(parts, urlsplit(root)):
        raise BadAnswer(f"{what}: the list goes on at another address, which is not asked: {_shown(link)}")
    own = urlsplit(root)
    return f"{own.scheme}://{own.netloc}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def path_below(link: object, root: str, what: str) -> str:
    """Return what follows the root in the address that a link leads to; BadAnswer for a link that is not below it."""
    address = link_on_root(link, root, what)
    if not address.startswith(f"{root}/"):
        raise BadAnswer(f"{what}: the list goes on at another address, which is not asked: {_shown(link)}")
    return address.removeprefix(root)


def same_origin(one: SplitResult, other: SplitResult) -> bool:
    """Return whether two addresses have the same scheme, host and port."""
    return _origin(one) == _origin(other)


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or 443


def _shown(link: object) -> str:
    return repr(link)[:_SHOWN]
