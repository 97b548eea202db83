"""The school's folder that a command found."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.settings.school_folder import SchoolFolder


class KnownFolder:
    """The school's folder of a command, kept so that a final error is redacted with the same settings."""

    folder: "SchoolFolder | None" = None
