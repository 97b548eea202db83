"""Why something is as it is: a code with its parameters, which only a renderer turns into text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from toolkit.errors import NotLicensed, Refused, RequestFailed
from toolkit.records import dataclass

_SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """One reason in two wordings, for an admin and for a governor, as templates of its parameters.

    Declared once, beside the code that gives the reason. Call it with the parameters. `lacking` is the same for page
    one of a board's report: what is not so, with its number, of a cloud that is named behind it.
    """

    code: str
    admin: str
    governor: str
    lacking: str = ""

    def __call__(self, **params: Param) -> Reason:
        """Return the reason with its parameters."""
        return Reason(self, tuple(params.items()))


@dataclass(frozen=True, slots=True)
class ControlName:
    """The name of a control in a reason; governors read its title."""

    name: str


SMALL_GROUP = 10
"""Of a group with fewer people, governors read "all" or "not all" and no number: each of them would be known."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many people of a group, or things that are a person's own; of some it may be unknown.

    Every count about people is one, so that no reader of a board's report gets the numbers of a small group.
    """

    count: int
    of: int
    unknown: int = 0
    alone: bool = False  # the count without the group, where a reason has named the group already
    amiss: bool = False  # it counts what should not be so: "some" of a small group, and not "not all"

    @property
    def small(self) -> bool:
        """Return whether a number would say who it is about."""
        return self.of < SMALL_GROUP

    @property
    def lacking(self) -> int:
        """Return how many are known not to be as they must be."""
        return self.of - self.count - self.unknown

    def __str__(self) -> str:
        """Return it as people who run the systems read it."""
        return str(self.count) if self.alone else f"{self.count} of {self.of}"

    @property
    def for_governors(self) -> str:
        """Return it without the numbers of a small group; no one is known by "0 of 0"."""
        if not self.small or not self.of:
            return str(self)
        if self.count == self.of:
            return "all"
        return "some" if self.count and (self.alone or self.amiss) else "not all"


@dataclass(frozen=True, slots=True)
class Things:
    """How many things that are no people and no person's own: rules, devices, files. Every reader gets the number."""

    count: int
    of: int | None = None

    def __str__(self) -> str:
        """Return it as every reader reads it."""
        return str(self.count) if self.of is None else f"{self.count} of {self.of}"


@dataclass(frozen=True, slots=True)
class About:
    """What a reason is about: a part of a control on a cloud, one object, or a kind of record."""

    part: str = ""
    control: str = ""
    cloud: str = ""  # its title
    exception: str = ""  # the exception of the playbooks that it is about

    def __bool__(self) -> bool:
        return bool(self.part or self.control)

    @property
    def place(self) -> str:
        """Return the part, its cloud and its exception in words."""
        where = self.part if self.part.endswith(self.cloud) else f"{self.part} on {self.cloud}"
        return f"{where}, for the exception {self.exception}" if self.exception else where


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its parameters, and what follows it. It is no text: `admin_text` makes one for admins."""

    code: ReasonCode
    params: tuple[tuple[str, Param], ...] = ()
    more: tuple[Reason, ...] = ()

    def then(self, *more: Reason | None) -> Reason:
        """Return the reason with others behind it, whose wordings begin with their own separator."""
        return replace(self, more=(*self.more, *(each for each in more if each)))

    @property
    def about(self) -> About:
        """Return what the reason is about; empty where it names nothing."""
        return next((value for _, value in self.params if isinstance(value, About)), About())

    @property
    def within(self) -> tuple[Reason, ...]:
        """Return the reason and those that its parameters hold, the outermost first."""
        inner = (value for _, value in self.params if isinstance(value, Reason | tuple))
        reasons = (reason for value in inner for reason in (value if isinstance(value, tuple) else (value,)))
        return (self, *(each for reason in reasons for each in reason.within))

    @property
    def share(self) -> Share | None:
        """Return the first count of people among its parameters."""
        return next((value for _, value in self.params if isinstance(value, Share)), None)

    @property
    def falls_short(self) -> bool:
        """Return whether a number says that some are not as they must be, and that number may be shown."""
        short = dict(self.params).get("short")
        if self.share:
            return self.share.lacking > 0 and not self.share.small
        return not isinstance(short, Things) or short.count > 0

    def has(self, code: ReasonCode) -> bool:
        """Return whether the reason, or one that it rests on, has a code."""
        inner = (value for _, value in self.params if isinstance(value, Reason))
        return self.code is code or any(each.has(code) for each in (*inner, *self.more))

    def __format__(self, spec: str) -> NoReturn:
        """Raise TypeError: a reason in an f-string would be a text that no renderer made."""
        raise TypeError("a reason is not text: use a renderer")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in words; behind a colon of a template it chooses between one and several: `{short:is|are}`."""

    text: str
    count: int

    def __format__(self, forms: str) -> str:
        one, _, several = forms.partition("|")
        return (one if self.count == 1 else several) if forms else self.text


Param = str | ControlName | About | Share | Things | Reason | tuple[Reason, ...]
"""What a reason may hold. A number is a `Share` where it counts people, else `Things`; an int would not say which."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How reasons are put in words for one kind of reader."""

    template: Callable[[ReasonCode], str]
    control: Callable[[str], str]
    about: Callable[[About], str]
    share: Callable[[Share], str | Number] = str

    def text(self, reason: Reason) -> str:
        """Return a reason in words, with everything behind it."""
        return self._filled(reason, self.text) + "".join(map(self.text, reason.more))

    def brief(self, reason: Reason) -> str:
        """Return a reason in words, without what is behind it."""
        return self._filled(reason, self.brief)

    def _filled(self, reason: Reason, inner: Callable[[Reason], str]) -> str:
        shown = {name: self._shown(value, inner) for name, value in reason.params}
        return self.template(reason.code).format(**shown)

    def _shown(self, value: Param, inner: Callable[[Reason], str]) -> str | Number:
        match value:
            case Reason():
                return inner(value)
            case ControlName(name=name):
                return self.control(name)
            case About():
                return self.about(value)
            case Share() | Things():
                return self._number(value)
            case tuple():
                return _SEPARATOR.join(map(self.text, value))
            case _:
                return str(value)

    def _number(self, value: Share | Things) -> Number:
        shown = self.share(value) if isinstance(value, Share) else str(value)
        if isinstance(shown, Number):
            return shown
        return Number(shown, value.count if shown[:1].isdigit() else 2)  # "some" and "all" are several


def same_words(code: str, words: str, lacking: str = "") -> ReasonCode:
    """Return a code whose wording is plain enough for an admin and for a governor."""
    return ReasonCode(code, admin=words, governor=words, lacking=lacking)


def _about(about: About) -> str:
    if about.control and about.part:
        return f"{about.control}, {about.place}"
    return f"{about.control}{about.place}"


_ADMIN = Voice(template=lambda code: code.admin, control=lambda name: name, about=_about)


def admin_text(reason: Reason | About) -> str:
    """Return a reason, or what one is about, in the words of an admin."""
    return _about(reason) if isinstance(reason, About) else _ADMIN.text(reason)


AS_RECORDED = same_words("as_recorded", "{text}")
"""Words of a person, of a playbook or of an older ledger."""
COULD_NOT_BE_READ = ReasonCode(
    "could_not_be_read",
    admin="{text}",
    governor="it could not be read; the person who runs the tool can see why in the evidence",
)
PERMISSION_MISSING = ReasonCode(
    "permission_missing",
    admin="{text}",
    governor="it could not be read, since a permission is missing, which the evidence names",
)
NOT_LICENSED = ReasonCode("not_licensed", admin="{text}", governor="the school's licences do not include it")


def reason_of(error: RequestFailed) -> Reason:
    """Return why something could not be read, by what kind of error it is."""
    match error:
        case Refused():
            return PERMISSION_MISSING(text=str(error))
        case NotLicensed():
            return NOT_LICENSED(text=str(error))
        case _:
            return COULD_NOT_BE_READ(text=str(error))
