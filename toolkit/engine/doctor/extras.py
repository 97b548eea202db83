"""Parts of the tool that are installed only where they are wanted."""

import re
from importlib.metadata import PackageNotFoundError, requires, version

from toolkit.errors import UsageError

_PACKAGE = "toolkit"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def need(extra: str) -> None:
    """Go on where everything of an extra is installed; UsageError saying how to install it where not."""
    absent = [name for name in _names(extra) if not _is_there(name)]
    if absent:
        are = "is" if len(absent) == 1 else "are"
        raise UsageError(f"{', '.join(absent)} {are} not installed: pip install '{_PACKAGE}[{extra}]'")


def _names(extra: str) -> list[str]:
    wanted = [line for line in requires(_PACKAGE) or () if re.search(rf"extra == [\"']{extra}[\"']", line)]
    return [match[0] for line in wanted if (match := _NAME.match(line))]


def _is_there(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
