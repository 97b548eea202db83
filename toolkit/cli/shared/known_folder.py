"""Remember the school's folder that a command found."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.settings.school_folder import SchoolFolder


class KnownFolder:
    """The school's folder of a command.

    It is kept so that the last error message is redacted with the settings of this folder.
    """

    folder: "SchoolFolder | None" = None
