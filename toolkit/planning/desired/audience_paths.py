"""Find the settings of an object that hold its audience."""

from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.values import Settings, entries


def audience_paths(kind: Kind[Connection], name: str, settings: Settings) -> frozenset[str]:
    """Return the settings with groups, units or people without which an object would reach other people."""
    targets = kind.reaches(name, settings)
    if not (targets.groups or targets.excluded or targets.people):
        return frozenset()
    named = (path for path, value in settings.items() if entries(value) or isinstance(value, str))
    return frozenset(path for path in named if kind.reaches(name, {**settings, path: None}) != targets)
