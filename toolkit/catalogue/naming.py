"""Looks up apps by the names used in block lists: an app's name, or `category: NAME` for a whole category."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, TypeAlias, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from toolkit.catalogue.app import App, Category, read_rows
from toolkit.catalogue.form import BuiltInForm, MoreForm
from toolkit.printable import printable
from toolkit.records import dataclass

CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All apps by name, sorted by category."""

    apps: Mapping[str, App]

    def apps_in(self, category: Category) -> tuple[App, ...]:
        return tuple(app for app in self.apps.values() if app.category == category)

    def owner(self, part: str, value: object) -> App | None:
        """Return the app with an identifier, such as a host or a package name."""
        return next((app for app in self.apps.values() if value in getattr(app, part)), None)

    def with_apps(self, added: Iterable[App]) -> "Catalogue":
        """Return a catalogue with additional apps. An additional app replaces an app of the same name."""
        together = {**self.apps, **{app.name: app for app in added}}
        return Catalogue({app.name: app for category in CATEGORIES for app in Catalogue(together).apps_in(category)})


@cache
def builtin() -> Catalogue:
    """Return the built-in catalogue, which is read once, at first use."""
    file_names = sorted(
        file.name for file in files("toolkit.catalogue.entries").iterdir() if file.name.endswith(".toml")
    )
    written = {name.removesuffix(".toml"): read_rows("toolkit.catalogue.entries", name, "app") for name in file_names}
    return Catalogue({}).with_apps(
        BuiltInForm.model_validate({"category": category, **entry}).app()
        for category, entries in written.items()
        for entry in entries
    )


def extend_app(app: App, more: MoreForm) -> App:
    """Return an app with additional parts, such as hosts."""
    together: dict[str, Any] = {
        part: tuple(dict.fromkeys((*getattr(app, part), *values))) for part, values in more.parts().items()
    }
    return replace(app, **together)


CONTEXT = "apps"
"""The key in the validation context for the school's catalogue."""


class OfCategory(BaseModel):
    """A block list entry for all apps and sites in a category."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    category: Category = Field(
        description="The category. The entry covers all its apps and sites.", examples=["streaming"]
    )


def _check_name(name: str, info: ValidationInfo) -> str:
    catalogue = catalogue_of(info)
    if name not in catalogue.apps:
        raise ValueError(unknown_app_message(name, catalogue))
    return name


AppName = Annotated[str, AfterValidator(_check_name)]
"""The name of an app of the school's catalogue."""

Choice: TypeAlias = AppName | OfCategory
"""An entry of a block list: `whatsapp`, or `category: streaming`."""


def catalogue_of(info: ValidationInfo) -> Catalogue:
    """Return the school's catalogue from the validation context, or the built-in catalogue."""
    context: dict[str, Any] = info.context or {}
    given = context.get(CONTEXT)
    return given if isinstance(given, Catalogue) else builtin()


def resolve(choices: Iterable[str | OfCategory], catalogue: Catalogue | None = None) -> tuple[App, ...]:
    """Return the apps that a block list names, without duplicates, in the catalogue's order.

    Raise ValueError for an unknown name.
    """
    available = catalogue or builtin()
    named: set[str] = set()
    for choice in choices:
        match choice:
            case OfCategory():
                named.update(app.name for app in available.apps_in(choice.category))
            case name if name in available.apps:
                named.add(name)
            case name:
                raise ValueError(unknown_app_message(name, available))
    return tuple(app for app in available.apps.values() if app.name in named)


def unknown_app_message(name: str, catalogue: Catalogue) -> str:
    """Return the error message for an unknown app name, with a suggestion."""
    meant = closest(name, catalogue)
    return f"unknown app `{_abbreviate(name)}`" + (
        f": did you mean {meant}?" if meant else (": `toolkit apps` lists all apps")
    )


def closest(name: str, catalogue: Catalogue) -> str | None:
    """Return the app or category with the name, title or alias closest to an unknown name."""
    written = _normalise(name)
    if written in catalogue_categories(catalogue):
        return f"`category: {written}`"
    names = {
        _normalise(word): app.name for app in catalogue.apps.values() for word in (*app.aliases, app.title, app.name)
    }
    matches = get_close_matches(written, names, n=1, cutoff=0.7)
    return f"`{names[matches[0]]}`" if matches else None


def catalogue_categories(catalogue: Catalogue) -> tuple[Category, ...]:
    return tuple(dict.fromkeys(app.category for app in catalogue.apps.values()))


def _normalise(word: str) -> str:
    return " ".join(word.lower().replace("-", " ").replace("_", " ").split())


def _abbreviate(word: str) -> str:
    line = printable(word)
    return line if len(line) <= 60 else f"{line[:57]}..."  # noqa: PLR2004 - not longer than a reader needs
