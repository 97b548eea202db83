"""The school's folder, the JSON and the errors of a command, which are needed for the messages at its end."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.errors import Problem
    from toolkit.settings.school_folder import SchoolFolder
    from toolkit.values import Json


class CommandState:
    """The school's folder, the JSON and the errors of a command.

    The folder is kept so that the last error message is redacted with the folder's settings. The JSON and the errors
    are kept so that the command prints a single JSON object at its end, with its exit code, even if it was refused.
    """

    def __init__(self, *, prints_json: bool = False) -> None:
        self.folder: SchoolFolder | None = None
        self.prints_json = prints_json
        self.has_no_pager = False
        self.answer: dict[str, Json] | None = None
        self.errors: list[str] = []
        self.problems: tuple[Problem, ...] = ()
