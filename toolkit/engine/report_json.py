"""The JSON of a report. Its writer is above the engine, so the API gives each report its writer."""

from collections.abc import Callable
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.records import dataclass
from toolkit.values import Body

if TYPE_CHECKING:  # `validate` loads no ledger
    from toolkit.ledger.redact import Redactor

JsonWriter = Callable[[Any], Body]
"""Returns the JSON of a report."""


def _without_writer(report: object) -> Body:
    raise TypeError(f"this {type(report).__name__} has no JSON: only toolkit.api returns reports that have")


@dataclass(frozen=True, slots=True)
class JsonReport:
    """A report that toolkit.api returns."""

    write_json: JsonWriter = field(default=_without_writer, kw_only=True, repr=False, compare=False)

    def to_dict(self) -> Body:
        """Return the report as the command prints it with `--json`, without secrets.

        `json.dumps` takes it. Keys stay from version to version, and more may be added.
        """
        return self.write_json(self)


R = TypeVar("R", bound=JsonReport)


def with_json(report: R, write: Callable[[R], Body], redactor: "Redactor") -> R:
    """Return the report with a `to_dict` that calls `write` and removes secrets."""

    def write_without_secrets(report: R) -> Body:
        answer = redactor.json(write(report))
        assert isinstance(answer, dict)
        return answer

    return replace(report, write_json=write_without_secrets)
