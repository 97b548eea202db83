"""What is installed of toolkit: its version, and the libraries of its extras."""

from toolkit.errors import UsageError

DISTRIBUTION = "school-policy-toolkit"
"""The name at the package index; `toolkit` there is an unrelated project."""


def installed_version() -> str:
    from importlib.metadata import version

    return version(DISTRIBUTION)


def with_extra(extra: str) -> str:
    """Say how to install toolkit with one of its extras, from the wheel: the index need not have it."""
    return f"install toolkit again with its extra: `pipx install --force 'WHEEL[{extra}]'`"


def require(library: str, extra: str, what: str) -> None:
    """Raise UsageError that names the extra to install where a library is missing."""
    from importlib.util import find_spec

    if find_spec(library) is None:
        raise UsageError(f"{what} needs {library}: {with_extra(extra)}")
