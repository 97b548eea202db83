"""The school's folder that a command found."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.settings.school_folder import SchoolFolder


class KnownFolder:
    """The school's folder of one command, kept so that an error at its end is redacted with the same settings."""

    folder: "SchoolFolder | None" = None
