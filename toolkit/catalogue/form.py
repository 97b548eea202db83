"""The form of an entry, built in or a school's own: its keys and their meaning."""

import re
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from toolkit.catalogue.app import AccountBlock, App, Category, IosApp

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}\.)+[a-z][a-z0-9-]*[a-z0-9]")
_PATH = re.compile(r"(/[A-Za-z0-9._~%-]+)+")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text.lower()):
        raise ValueError(f'"{text}" is not a host: write it alone and whole, as in web.example.com')
    return text.lower()


def _page(text: str) -> str:
    host, slash, path = text.partition("/")
    if not (slash and _PATH.fullmatch(slash + path)):
        raise ValueError(f'"{text}" is not a page: write a host and how a path begins, as in www.example.com/watch')
    return _host(host) + slash + path


def _has_form(pattern: str, what: str, example: str) -> AfterValidator:
    """Check the form of an identifier, with an example rather than a pattern for the person who mistypes one."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(f'"{text}" is not {what}; one looks like {example}')
        return text

    return AfterValidator(check)


Name = Annotated[str, _has_form(r"[a-z0-9]+(-[a-z0-9]+)*", "a name for an app", "sky-bet")]
Text = Annotated[str, Field(min_length=1)]
Host = Annotated[str, AfterValidator(_host)]
Page = Annotated[str, AfterValidator(_page)]
Package = Annotated[str, _has_form(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+", "a package", "com.whatsapp")]
Bundle = Annotated[str, _has_form(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", "a bundle identifier", "net.whatsapp.WhatsApp")]
Family = Annotated[
    str,
    _has_form(
        r"[A-Za-z0-9.-]{3,50}_[0-9a-hjkmnp-tv-z]{13}",
        "a package family name",
        "5319275A.WhatsAppDesktop_cv1g1gvanyjgm",
    ),
]
Extension = Annotated[str, _has_form(r"[a-p]{32}", "an extension", "aapocclcgogkmnckokdopfmhonfmgoek")]
Address = Annotated[str, _has_form(r"https://\S+", "an address", "https://www.example.com")]


class _CatalogueForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class IosForm(_CatalogueForm):
    """An app of the App Store."""

    bundle: Bundle = Field(description="Its bundle identifier, as in net.whatsapp.WhatsApp.")
    store: int = Field(gt=0, lt=10**11, description="Its number in the App Store, as in 310633997.")


class MoreForm(_CatalogueForm):
    """The parts of an app. For an existing entry they are added to its own."""

    name: Name = Field(description="One word by which block lists name it, as in whatsapp.")
    domains: list[Host] = Field(
        default=[], description="Its hosts; each is blocked with all below it.", examples=[["web.example.com"]]
    )
    pages: list[Page] = Field(
        default=[],
        description="A host and the beginning of a path, where the rest of the host must stay open; browsers only.",
        examples=[["www.example.com/watch"]],
    )
    android: list[Package] = Field(
        default=[], description="Its packages in the Play Store.", examples=[["com.whatsapp"]]
    )
    ios: list[IosForm] = Field(default=[], description="Its apps in the App Store.")
    windows: list[Family] = Field(
        default=[],
        description="Its package family names in Windows.",
        examples=[["5319275A.WhatsAppDesktop_cv1g1gvanyjgm"]],
    )
    chrome: list[Extension] = Field(
        default=[], description="Its extensions of Chrome.", examples=[["aapocclcgogkmnckokdopfmhonfmgoek"]]
    )

    def parts(self) -> dict[str, Any]:
        """Return the parts of the app in the form that App takes."""
        written = {name: tuple(getattr(self, name)) for name in ("domains", "pages", "android", "windows", "chrome")}
        return {**written, "ios": tuple(IosApp(app.bundle, app.store) for app in self.ios)}


class AppForm(MoreForm):
    """An app or a site."""

    title: Text = Field(description="What people call it.")
    category: Category = Field(description="What it is for; block lists can name all of a category.")
    note: str = Field(default="", description="What an admin who blocks it should know.")
    aliases: list[Text] = Field(default=[], description="Other names, for suggestions.")
    shared_hosts: list[Host] = Field(
        default=[], description="Hosts that it shares with something a school needs; they are never blocked."
    )
    by_account: list[AccountBlock] = Field(
        default=[], description="The settings that close it by the account people sign in with."
    )
    missing: list[Text] = Field(default=[], description="What is not known, or is not closed by any of it.")

    @model_validator(mode="after")
    def _is_made_of_something(self) -> Self:
        if not any(self.parts().values()) and not self.shared_hosts:
            raise ValueError("must have at least one of domains, pages, android, ios, windows and chrome")
        return self

    def app(self) -> App:
        return App(
            name=self.name,
            title=self.title,
            category=self.category,
            aliases=tuple(self.aliases),
            shared_hosts=tuple(self.shared_hosts),
            by_account=tuple(self.by_account),
            note=self.note,
            missing=tuple(self.missing),
            **self.parts(),
        )


class BuiltInForm(AppForm):
    """An app or a site that comes with the tool, with the public pages that it was compared with."""

    sources: dict[str, list[Address]]
    checked: date

    def app(self) -> App:
        sources = {fact: tuple(pages) for fact, pages in self.sources.items()}
        return replace(super().app(), sources=sources, checked=self.checked)
