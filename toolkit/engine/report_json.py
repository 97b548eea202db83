"""Add the method `to_dict` to reports.

The engine may not import functions that write JSON, so the API gives each report such a function.
"""

from collections.abc import Callable
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.records import dataclass
from toolkit.values import Body

if TYPE_CHECKING:  # `validate` loads no ledger
    from toolkit.ledger.redact import Redactor

JsonWriter = Callable[[Any], Body]
"""A function that returns the JSON of a report."""


def _refuse_to_write(report: object) -> Body:
    raise TypeError(f"this {type(report).__name__} cannot be written as JSON. Use a report that toolkit.api returns")


@dataclass(frozen=True, slots=True)
class JsonReport:
    """The base class of the reports that toolkit.api returns."""

    write_json: JsonWriter = field(default=_refuse_to_write, kw_only=True, repr=False, compare=False)

    def to_dict(self) -> Body:
        """Return the report as the command prints it with `--json`, without secrets.

        The result can be passed to `json.dumps`. Later versions keep the keys, and may add more.
        """
        return self.write_json(self)


R = TypeVar("R", bound=JsonReport)


def add_json_writer(report: R, write: Callable[[R], Body], redactor: "Redactor") -> R:
    """Return the report with a method `to_dict`, which converts the report to JSON with `write` and removes secrets."""

    def write_without_secrets(report: R) -> Body:
        answer = redactor.json(write(report))
        assert isinstance(answer, dict)
        return answer

    return replace(report, write_json=write_without_secrets)
