"""The installed version of toolkit, and the libraries of its extras."""

from toolkit.errors import UsageError

DISTRIBUTION = "school-policy-toolkit"
"""The name at the package index, where `toolkit` is an unrelated project."""


def installed_version() -> str:
    from importlib.metadata import version

    return version(DISTRIBUTION)


def with_extra(extra: str) -> str:
    """Return how to install toolkit with an extra, from the wheel, because the package index may not have it."""
    return f"install toolkit again with its extra: `pipx install --force 'WHEEL[{extra}]'`"


def require(library: str, extra: str, what: str) -> None:
    """Raise UsageError with the extra to install if a library is missing."""
    from importlib.util import find_spec

    if find_spec(library) is None:
        raise UsageError(f"{what} needs {library}: {with_extra(extra)}")
