"""Reasons, as codes with parameters. Only renderers convert them to text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from toolkit.errors import NotLicensed, Refused, RequestFailed
from toolkit.records import dataclass

_SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A type of reason, with a template for administrators and a template for governors.

    Declare a code once, next to the code that uses it, and call it with its parameters. `lacking` is the template for
    page one of the governors' report: the gap with its number, followed by the cloud.
    """

    code: str
    admin: str
    governor: str
    lacking: str = ""

    def __call__(self, **params: Param) -> Reason:
        """Return a reason with this code and these parameters."""
        return Reason(self, tuple(params.items()))


@dataclass(frozen=True, slots=True)
class ControlName:
    """The name of a control in a reason. Governors see its title instead."""

    name: str


SMALL_GROUP = 10
"""The smallest group whose numbers governors see.

For smaller groups they see "all" or "not all", to protect privacy.
"""


@dataclass(frozen=True, slots=True)
class Share:
    """A number of people out of a group, or of personal objects. The result for some of them may be unknown.

    Every count of people is a Share, so that the governors' report never shows the numbers of a small group.
    """

    count: int
    of: int
    unknown: int = 0
    alone: bool = False  # show only the count, because the reason already names the group
    amiss: bool = False  # the count should be zero, so a small group shows "some" instead of "not all"

    @property
    def is_small(self) -> bool:
        """Return whether a small number could identify a person."""
        return self.of < SMALL_GROUP

    @property
    def lacking(self) -> int:
        """Return the number of people who certainly do not meet the requirement."""
        return self.of - self.count - self.unknown

    def __str__(self) -> str:
        """Return the numbers as text for an admin."""
        return str(self.count) if self.alone else f"{self.count} of {self.of}"

    @property
    def for_governors(self) -> str:
        """Return the text for governors, without the numbers of a small group. "0 of 0" identifies no one."""
        if not self.is_small or not self.of:
            return str(self)
        if self.count == self.of:
            return "all"
        return "some" if self.count and (self.alone or self.amiss) else "not all"


@dataclass(frozen=True, slots=True)
class Things:
    """A count of rules, devices, files or other objects that are not personal. Every reader sees the number."""

    count: int
    of: int | None = None

    def __str__(self) -> str:
        """Return the numbers as text."""
        return str(self.count) if self.of is None else f"{self.count} of {self.of}"


@dataclass(frozen=True, slots=True)
class About:
    """The subject of a reason: a part of a control on a cloud, an object, or a type of record."""

    part: str = ""
    control: str = ""
    cloud: str = ""  # the cloud's title
    exception: str = ""  # the exception in the playbooks to which it refers

    def __bool__(self) -> bool:
        return bool(self.part or self.control)

    @property
    def place(self) -> str:
        """Return the text of the part, its cloud and its exception."""
        where = self.part if self.part.endswith(self.cloud) else f"{self.part} on {self.cloud}"
        return f"{where}, for the exception {self.exception}" if self.exception else where


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code with parameters, and the reasons that follow it.

    Renderers such as `admin_text` turn it into text.
    """

    code: ReasonCode
    params: tuple[tuple[str, Param], ...] = ()
    more: tuple[Reason, ...] = ()

    def then(self, *more: Reason | None) -> Reason:
        """Return a copy of the reason that is followed by more reasons.

        Their templates begin with their own separator.
        """
        return replace(self, more=(*self.more, *(reason for reason in more if reason)))

    @property
    def about(self) -> About:
        """Return the subject of the reason, which is empty if the reason has no subject."""
        return next((value for _, value in self.params if isinstance(value, About)), About())

    @property
    def nested_reasons(self) -> tuple[Reason, ...]:
        """Return the reason and all reasons in its parameters, with the outermost reason first."""
        inner = (value for _, value in self.params if isinstance(value, Reason | tuple))
        reasons = (reason for value in inner for reason in (value if isinstance(value, tuple) else (value,)))
        return (self, *(inner_reason for reason in reasons for inner_reason in reason.nested_reasons))

    @property
    def share(self) -> Share | None:
        """Return the first count of people in the parameters, or None."""
        return next((value for _, value in self.params if isinstance(value, Share)), None)

    @property
    def has_visible_shortfall(self) -> bool:
        """Return whether the reason contains a count that is below the requirement.

        A count that may not be shown is ignored.
        """
        short = dict(self.params).get("short")
        if self.share:
            return self.share.lacking > 0 and not self.share.is_small
        return not isinstance(short, Things) or short.count > 0

    def has(self, code: ReasonCode) -> bool:
        """Return whether the reason, or a reason in its parameters, has this code."""
        inner = (value for _, value in self.params if isinstance(value, Reason))
        return self.code is code or any(reason.has(code) for reason in (*inner, *self.more))

    def __format__(self, spec: str) -> NoReturn:
        """Raise TypeError. Otherwise an f-string would convert the reason to text without a renderer."""
        raise TypeError("a reason is not text, so use a renderer")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text. In a template, `{short:is|are}` selects the singular or plural."""

    text: str
    count: int

    def __format__(self, forms: str) -> str:
        singular, _, plural = forms.partition("|")
        return (singular if self.count == 1 else plural) if forms else self.text


Param = str | ControlName | About | Share | Things | Reason | tuple[Reason, ...]
"""Parameters of a reason. A number is a `Share` if it counts people, otherwise `Things`, and never an int."""


@dataclass(frozen=True, slots=True)
class ReasonWording:
    """Renders reasons as text for one type of reader."""

    template: Callable[[ReasonCode], str]
    control: Callable[[str], str]
    subject: Callable[[About], str]
    share: Callable[[Share], str | Number] = str

    def text(self, reason: Reason) -> str:
        """Return the text of a reason together with the reasons that follow it."""
        return self._fill_template(reason, self.text) + "".join(map(self.text, reason.more))

    def brief(self, reason: Reason) -> str:
        """Return the text of a reason, without the reasons that follow it."""
        return self._fill_template(reason, self.brief)

    def _fill_template(self, reason: Reason, render_inner: Callable[[Reason], str]) -> str:
        shown = {name: self._render_parameter(value, render_inner) for name, value in reason.params}
        return self.template(reason.code).format(**shown)

    def _render_parameter(self, value: Param, render_inner: Callable[[Reason], str]) -> str | Number:
        match value:
            case Reason():
                return render_inner(value)
            case ControlName(name=name):
                return self.control(name)
            case About():
                return self.subject(value)
            case Share() | Things():
                return self._to_number(value)
            case tuple():
                return _SEPARATOR.join(map(self.text, value))
            case _:
                return str(value)

    def _to_number(self, value: Share | Things) -> Number:
        shown = self.share(value) if isinstance(value, Share) else str(value)
        if isinstance(shown, Number):
            return shown
        return Number(shown, value.count if shown[:1].isdigit() else 2)  # "some" and "all" take the plural


def same_words(code: str, template: str, lacking: str = "") -> ReasonCode:
    """Return a reason code with the same template for administrators and governors."""
    return ReasonCode(code, admin=template, governor=template, lacking=lacking)


def _describe_subject(about: About) -> str:
    if about.control and about.part:
        return f"{about.control}, {about.place}"
    return f"{about.control}{about.place}"


_ADMIN = ReasonWording(template=lambda code: code.admin, control=lambda name: name, subject=_describe_subject)


def admin_text(reason: Reason | About) -> str:
    """Return the text of a reason, or of a reason's subject, for an administrator."""
    return _describe_subject(reason) if isinstance(reason, About) else _ADMIN.text(reason)


AS_RECORDED = same_words("as_recorded", "{text}")
"""The reason code for text from a person, a playbook or an older ledger."""
COULD_NOT_BE_READ = ReasonCode(
    "could_not_be_read",
    admin="{text}",
    governor="it could not be read (the evidence for the administrator shows why)",
)
PERMISSION_MISSING = ReasonCode(
    "permission_missing",
    admin="{text}",
    governor="it could not be read, because toolkit lacks a permission (the evidence shows which)",
)
NOT_LICENSED = ReasonCode("not_licensed", admin="{text}", governor="the school's licences do not include it")


def reason_of(error: RequestFailed) -> Reason:
    """Return the reason why a read failed. It depends on the type of the error."""
    match error:
        case Refused():
            return PERMISSION_MISSING(text=str(error))
        case NotLicensed():
            return NOT_LICENSED(text=str(error))
        case _:
            return COULD_NOT_BE_READ(text=str(error))
