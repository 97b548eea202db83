"""What is installed of toolkit: its version, and the libraries of its extras."""

from importlib.metadata import version
from importlib.util import find_spec

from toolkit.errors import UsageError

DISTRIBUTION = "school-policy-toolkit"
"""The name at the package index; `toolkit` there is an unrelated project."""


def installed_version() -> str:
    return version(DISTRIBUTION)


def require(library: str, extra: str, what: str) -> None:
    """Raise UsageError that names the extra to install where a library is missing."""
    if find_spec(library) is None:
        raise UsageError(f"{what} needs {library}: pip install '{DISTRIBUTION}[{extra}]'")
