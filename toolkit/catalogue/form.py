"""The schema of a catalogue entry, either built in or written by a school."""

import re
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from toolkit.catalogue.app import AccountBlock, App, Category, IosApp

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}\.)+[a-z][a-z0-9-]*[a-z0-9]")
_PATH = re.compile(r"(/[A-Za-z0-9._~%-]+)+")


def _validate_host(text: str) -> str:
    if not _HOST.fullmatch(text.lower()):
        raise ValueError(f'"{text}" is not a host such as web.example.com')
    return text.lower()


def _validate_page(text: str) -> str:
    host, slash, path = text.partition("/")
    if not (slash and _PATH.fullmatch(slash + path)):
        raise ValueError(f'"{text}" is not a page such as www.example.com/watch')
    return _validate_host(host) + slash + path


def _identifier_validator(pattern: str, what: str, example: str) -> AfterValidator:
    """Return a validator for identifiers. Its error message shows an example instead of the pattern."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(f'"{text}" is not {what} such as {example}')
        return text

    return AfterValidator(check)


Name = Annotated[str, _identifier_validator(r"[a-z0-9]+(-[a-z0-9]+)*", "a name for an app", "sky-bet")]
Text = Annotated[str, Field(min_length=1)]
Host = Annotated[str, AfterValidator(_validate_host)]
Page = Annotated[str, AfterValidator(_validate_page)]
Package = Annotated[
    str, _identifier_validator(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+", "a package", "com.whatsapp")
]
Bundle = Annotated[
    str, _identifier_validator(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", "a bundle identifier", "net.whatsapp.WhatsApp")
]
Family = Annotated[
    str,
    _identifier_validator(
        r"[A-Za-z0-9.-]{3,50}_[0-9a-hjkmnp-tv-z]{13}",
        "a package family name",
        "5319275A.WhatsAppDesktop_cv1g1gvanyjgm",
    ),
]
Extension = Annotated[str, _identifier_validator(r"[a-p]{32}", "an extension", "aapocclcgogkmnckokdopfmhonfmgoek")]
Address = Annotated[str, _identifier_validator(r"https://\S+", "an address", "https://www.example.com")]


class _CatalogueForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class IosForm(_CatalogueForm):
    """An App Store app."""

    bundle: Bundle = Field(description="The bundle identifier, such as net.whatsapp.WhatsApp.")
    store: int = Field(gt=0, lt=10**11, description="The number in the App Store, such as 310633997.")


class MoreForm(_CatalogueForm):
    """The parts of an app, which a school can also add to an existing entry."""

    name: Name = Field(description="The name in block lists, one word such as whatsapp.")
    domains: list[Host] = Field(
        default=[], description="Hosts, which are blocked with all of their subdomains.", examples=[["web.example.com"]]
    )
    pages: list[Page] = Field(
        default=[],
        description="Hosts with the beginning of a path, if the rest of the host must stay open. Only browsers "
        "block them.",
        examples=[["www.example.com/watch"]],
    )
    android: list[Package] = Field(
        default=[], description="Package names in the Play Store.", examples=[["com.whatsapp"]]
    )
    ios: list[IosForm] = Field(default=[], description="Apps in the App Store.")
    windows: list[Family] = Field(
        default=[],
        description="Package family names in Windows.",
        examples=[["5319275A.WhatsAppDesktop_cv1g1gvanyjgm"]],
    )
    chrome: list[Extension] = Field(
        default=[], description="Ids of Chrome extensions.", examples=[["aapocclcgogkmnckokdopfmhonfmgoek"]]
    )

    def parts(self) -> dict[str, Any]:
        """Return the parts as arguments for `App`."""
        written = {name: tuple(getattr(self, name)) for name in ("domains", "pages", "android", "windows", "chrome")}
        return {**written, "ios": tuple(IosApp(app.bundle, app.store) for app in self.ios)}


class AppForm(MoreForm):
    """An app or site."""

    title: Text = Field(description="The usual name.")
    category: Category = Field(description="The category. A block list can name a whole category.")
    note: str = Field(default="", description="Advice for an admin who blocks the app.")
    aliases: list[Text] = Field(default=[], description="Other names, which are only used for suggestions.")
    shared_hosts: list[Host] = Field(
        default=[], description="Hosts that the app shares with a service that a school needs. They are never blocked."
    )
    by_account: list[AccountBlock] = Field(default=[], description="Settings that block personal accounts of the app.")
    missing: list[Text] = Field(default=[], description="Identifiers that are not known, and parts that stay open.")

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
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
    """A built-in app or site, with the public pages that confirm its identifiers."""

    sources: dict[str, list[Address]]
    checked: date

    def app(self) -> App:
        sources = {fact: tuple(pages) for fact, pages in self.sources.items()}
        return replace(super().app(), sources=sources, checked=self.checked)
