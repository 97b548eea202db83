"""What properties a Graph type has, read from the text of msgraph-sdk's model classes; nothing of it is imported.

The names on the wire are the keys of the dictionary in `get_field_deserializers`; a field of a class has another name
in some places (contracts/microsoft.md section 14).
"""

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_PROPERTY = re.compile(r'^\s+"(\w+)": lambda n ?:', re.MULTILINE)
_CLASS = re.compile(r"^class \w+\((\w+)", re.MULTILINE)
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@lru_cache(maxsize=512)
def properties(name: str) -> frozenset[str]:
    """List the properties of a type, those it inherits included; `name` is the file of its class."""
    text = (_models() / f"{name}.py").read_text(encoding="utf-8")
    own = frozenset(_PROPERTY.findall(text)) - {"@odata.type"}
    base = _CLASS.search(text)
    if base is None or base[1] in ("Parsable", "AdditionalDataHolder"):
        return own
    return own | properties(_WORD.sub("_", base[1]).lower())


def source(name: str) -> str | None:
    """Read the class of a type or an enumeration by its name on the wire; None where the SDK has none."""
    file = _models() / f"{_WORD.sub('_', name).lower()}.py"
    return file.read_text(encoding="utf-8") if file.exists() else None


@lru_cache(maxsize=1)
def _models() -> Path:
    spec = find_spec("msgraph")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("msgraph-sdk is not installed: the emulator reads its types from there")
    return Path(spec.origin).parent / "generated" / "models"
