"""The installed version of toolkit, and the optional libraries of its extras."""

from toolkit.errors import UsageError

DISTRIBUTION = "school-policy-toolkit"
"""The name at the package index, where `toolkit` is an unrelated project."""


def installed_version() -> str:
    from importlib.metadata import version

    return version(DISTRIBUTION)


def install_advice(extra: str) -> str:
    """Return the advice to install toolkit with an extra.

    The command names the wheel, because the package index may not have toolkit.
    """
    return f"install toolkit again with its extra: `pipx install --force 'WHEEL[{extra}]'`"


def require(library: str, extra: str, what: str) -> None:
    """Raise UsageError if a library is missing. The message names the extra to install."""
    from importlib.util import find_spec

    if find_spec(library) is None:
        raise UsageError(f"{what} needs {library}: {install_advice(extra)}")
