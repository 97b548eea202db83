"""All apps and sites that a block list can name: those built in, and what a school adds to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from toolkit.catalogue.app import App, Category, stored
from toolkit.catalogue.form import BuiltInForm, MoreForm

CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Apps by name, category after category."""

    apps: Mapping[str, App]

    def of(self, category: Category) -> tuple[App, ...]:
        return tuple(app for app in self.apps.values() if app.category == category)

    def owner(self, part: str, value: object) -> App | None:
        """Give the app that has a host, a package ... of its own."""
        return next((app for app in self.apps.values() if value in getattr(app, part)), None)

    def with_apps(self, added: Iterable[App]) -> "Catalogue":
        """Add apps; one of the same name takes the place of the one there is."""
        together = {**self.apps, **{app.name: app for app in added}}
        return Catalogue({app.name: app for category in CATEGORIES for app in Catalogue(together).of(category)})


@cache
def builtin() -> Catalogue:
    """Give the catalogue that comes with the tool, read when it is first asked for."""
    found = sorted(file.name for file in files("toolkit.catalogue.entries").iterdir() if file.name.endswith(".toml"))
    written = {name.removesuffix(".toml"): stored("toolkit.catalogue.entries", name, "app") for name in found}
    return Catalogue({}).with_apps(
        BuiltInForm.model_validate({"category": category, **entry}).app()
        for category, entries in written.items()
        for entry in entries
    )


def extended(app: App, more: MoreForm) -> App:
    """Add to an app what it is made of too."""
    together: dict[str, Any] = {
        part: tuple(dict.fromkeys((*getattr(app, part), *values))) for part, values in more.parts().items()
    }
    return replace(app, **together)
