"""The one setting of a signature that is ours: the text of the school's notice."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from connectors.google_workspace.kinds.signature.allowed import check_notice
from connectors.google_workspace.kinds.signature.notice import BEGIN, END, notices
from connectors.google_workspace.kinds.signature.written import canonical_notice
from toolkit.sdk.form import HTML, Form, text_in
from toolkit.sdk.properties import Properties
from toolkit.sdk.spec import NameTranslation, Setting, Spec
from toolkit.values import Body, Json, Settings, Value

_MOST = 5000  # Gmail takes signatures of up to 10,000 characters; the person's own needs room as well


def _read(value: Json) -> Value:
    return None if value is None else canonical_notice(text_in(value)) or None


def _check(text: str | None) -> str | None:
    return None if text is None else check_notice(text)


NOTICE_IN = "notice"
"""Holds in what was read the notice in the signature of one address."""

NOTICE = Form(HTML.name, _read, rewritten=True)


class Signature(Spec):
    """What the school adds to somebody's signature; the person's own text is left alone."""

    properties: ClassVar[Properties] = Properties(
        compared=frozenset({f"sendAs[].{NOTICE_IN}"}),
        ignored={"sendAs[].sendAsEmail": "names the address whose notice is compared"},
    )

    text: Annotated[
        str | None, Field(min_length=1, max_length=_MOST), AfterValidator(_check), Setting(NOTICE, wire="text")
    ] = Field(
        default=None,
        description=f"Gives the notice in HTML. It stands between {BEGIN} and {END}, which readers see, in the "
        "signature of every address that the person sends as, after the person's own text; null takes it out again.",
        examples=["<p>Example Primary School. Is this not for you? Please tell us and delete it.</p>"],
    )

    @classmethod
    def observed(cls, body: Body, names: NameTranslation | None = None) -> Settings:  # noqa: ARG003 - for kinds with references
        """Give the notice where it is the same for every address, else what each address has."""
        shown = {str(row["sendAsEmail"]): NOTICE.read(row.get(NOTICE_IN)) for row in rows(body)}
        if len(set(shown.values())) == 1:
            return {"text": next(iter(shown.values()))}
        return {"text": "\n".join(f"{address}: {_told(text)}" for address, text in sorted(shown.items()))}


def rows(body: Body) -> Sequence[Body]:
    """List the addresses that a signature's body tells of."""
    listed = body.get("sendAs")
    return [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, Sequence) else []


def notice_of(row: Body) -> Value:
    """Give the notice in the signature of one address in canonical form; HalfNotice where a marker is missing."""
    return _read(text_of(row))


def text_of(row: Body) -> str | None:
    """Return the notice in the signature of one address as it is there; HalfNotice where a marker is missing."""
    found = notices(str(row.get("signature") or ""))
    return found[0].text if found else None


def _told(text: Value) -> str:
    """Write what one of several addresses has so that it is never what a playbook asks for, which has no markers."""
    return f"no {BEGIN}" if text is None else f"{BEGIN} {text}"
