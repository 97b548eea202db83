"""Look up settings by the service's own names, for a kind with more settings than its spec has fields."""

from collections.abc import Callable, Mapping

from toolkit.sdk.form import Form
from toolkit.sdk.spec import Setting


class OpenTable(dict[str, Setting]):
    """A table of a spec's settings by name, which also contains settings that only the service names."""

    def __init__(self, fields: Mapping[str, Setting], is_open: Callable[[str], bool], form: Form) -> None:
        super().__init__(fields)
        self._is_open = is_open
        self._form = form

    def __missing__(self, name: str) -> Setting:
        if not self._is_open(name):
            raise KeyError(name)
        return Setting(self._form, wire=name)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and self._is_open(name))

    def get(self, name: str, default: Setting | None = None) -> Setting | None:  # type: ignore[override]
        try:
            return self[name]
        except KeyError:
            return default
