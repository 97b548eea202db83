"""What is installed of toolkit: its version, and the libraries of its extras."""

from toolkit.errors import UsageError

DISTRIBUTION = "school-policy-toolkit"
"""The name at the package index; `toolkit` there is an unrelated project."""


def installed_version() -> str:
    from importlib.metadata import version

    return version(DISTRIBUTION)


def require(library: str, extra: str, what: str) -> None:
    """Raise UsageError that names the extra to install where a library is missing."""
    from importlib.util import find_spec

    if find_spec(library) is None:
        raise UsageError(f"{what} needs {library}: pip install '{DISTRIBUTION}[{extra}]'")
