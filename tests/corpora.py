"""Real answers of a real tenant, which nobody here wrote; they lie outside the repository."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest


def real_tenant(key: str) -> list[Mapping[str, Any]]:
    """Return the objects of one key of the real Microsoft 365 tenant, or skip where it is not at hand."""
    named = os.environ.get("TOOLKIT_CORPORA")
    if not named:
        pytest.skip("TOOLKIT_CORPORA does not say where the real tenant's answers are")
    answers: Mapping[str, Any] = json.loads((Path(named) / "scubagear-tenant.json").read_text())
    found = answers[key]
    return found if isinstance(found, list) else [found]


def as_graph(value: Any) -> Any:
    """Write an answer that PowerShell printed as Graph itself sends it: names begin with a small letter."""
    match value:
        case Mapping():
            return {name[:1].lower() + name[1:]: as_graph(entry) for name, entry in value.items()}
        case list():
            return [as_graph(entry) for entry in value]
        case _:
            return value
