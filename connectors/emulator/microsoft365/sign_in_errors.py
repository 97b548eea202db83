"""The error responses of Microsoft Entra's sign-in, in its own words.

Codes and texts follow learn.microsoft.com/entra/identity-platform/reference-error-codes and error messages that people
quote.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from connectors.emulator.data_files import read_data
from connectors.emulator.service import Answer


@dataclass(frozen=True)
class EntraError(Exception):
    """The reason why a sign-in is refused: the OAuth error, the number after AADSTS, and the text."""

    error: str
    code: int
    text: str
    status: int = 400


def refusal(name: str, *words: str) -> EntraError:
    """Return a refusal from `sign_in_errors.json`, with the placeholders in its text filled in by position."""
    row = read_data(Path(__file__).with_suffix(".json"))[name]
    return EntraError(**{**row, "text": row["text"].format(*words)})


def answer(error: EntraError) -> Answer:
    """Return a response with a refusal in the sign-in service's format."""
    trace, correlation = str(uuid4()), str(uuid4())
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return Answer(
        status=error.status,
        body={
            "error": error.error,
            "error_description": f"AADSTS{error.code}: {error.text} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {stamp}",
            "error_codes": [error.code],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={error.code}",
        },
    )
