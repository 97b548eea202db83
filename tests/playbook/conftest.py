"""A small vocabulary of controls and kinds, and a directory of playbooks that uses it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import pytest
from pydantic import Field

from toolkit.controls.control import Control, ControlSettings, TextFile
from toolkit.errors import PlaybookError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import ReadScope
from toolkit.sdk.form import FLAG, NUMBER, PATTERNS, SIZE, TEXT
from toolkit.sdk.kind import Kind, NameRules
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.sdk.spec import Listed, Setting, Spec
from toolkit.sdk.targets import Scale
from toolkit.values import Body, Settings

Files: TypeAlias = Mapping[str, str | bytes]

SCHOOL = """\
school: Example Primary School & Nursery
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
phone: 01632 960000
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
roles:
  staff: {microsoft365: staff@example-primary.example}
"""


class Footer(ControlSettings):
    """A text under every mail."""

    scope: Literal["all", "outgoing"] = Field(default="outgoing", description="Which mail.")
    text_file: TextFile = Field(description="The text.")
    copies: list[str] | Literal["none"] = Field(default="none", description="Who gets a copy.")


class Nothing(ControlSettings):
    """Only an audience."""


class Rule(Spec):
    """A mail rule."""

    from_scope: Annotated[Literal["InOrganization", "NotInOrganization"] | None, Setting(TEXT)] = None
    sent_to: Annotated[Listed | None, Setting(PATTERNS)] = None
    prepend: Annotated[Annotated[str, Field(min_length=2, max_length=10)] | None, Setting(TEXT)] = None
    over: Annotated[str | None, Setting(SIZE)] = None
    priority: Annotated[Annotated[int, Field(ge=0, le=9)] | None, Setting(NUMBER)] = None
    enabled: Annotated[bool | None, Setting(FLAG)] = None
    code: Annotated[Annotated[str, Field(pattern="^5[.]7[.]1$")] | None, Setting(TEXT)] = None
    extensions: Annotated[list[Annotated[str, Field(pattern="^[a-z]+$")]] | None, Setting(PATTERNS)] = Field(
        default=None, examples=[["exe", "cmd"]]
    )

    @classmethod
    def implied_settings(cls, named: Settings) -> Settings:
        if {"over", "priority"} <= set(named):
            raise ValueError("over and priority exclude each other")
        return {}


class Tag(Spec):
    """The one external tag."""

    enabled: Annotated[bool, Setting(FLAG)]
    over: Annotated[str | None, Setting(SIZE)] = None


class Nowhere:
    """An endpoint that no test of the loader calls, because playbooks are read without a tenant."""

    def read(self, via: Connection, selection: ReadScope) -> list[Remote | Unreadable]:
        raise NotImplementedError

    def create(self, via: Connection, name: str, body: Body) -> None:
        raise NotImplementedError

    def update(self, via: Connection, remote: Remote, name: str, body: Body) -> None:
        raise NotImplementedError

    def delete(self, via: Connection, remote: Remote) -> None:
        raise NotImplementedError


def _kind(name: str, spec: type[Spec], *, only: str | None = None, fixed: bool = False) -> Kind[Connection]:
    return Kind(
        reach=Scale.TENANT,
        name=name,
        title=name.replace("_", " "),
        spec=spec,
        endpoint=Nowhere(),
        reference="https://learn.microsoft.com/",
        permissions=Permissions((), ()),
        fixed=fixed,
        names=NameRules(only=only),
    )


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    controls = [
        Control(name="mail.footer", title="Every mail has a footer", clauses=("EML-18",), settings=Footer),
        Control(name="mail.label", title="Personal mail is labelled", clauses=("PER-04",), settings=Nothing),
        Control(name="web.audit", title="Audit is on", clauses=(), settings=Nothing, reaches_people=False),
    ]
    kinds = [
        _kind("transport_rule", Rule),
        _kind("external_tag", Tag, only="ExternalTag", fixed=True),
        _kind("remote_domain", Tag, fixed=True),
    ]
    return Vocabulary(
        {control.name: control for control in controls},
        {"microsoft365": {kind.name: kind for kind in kinds}, "google_workspace": {"unit": _kind("unit", Rule)}},
    )


Write: TypeAlias = Callable[[Files], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write files into `playbooks`, below the current directory, with a school file."""
    monkeypatch.chdir(tmp_path)

    def write_files(files: Files) -> Path:
        root = Path("playbooks")
        for name, content in {"00-school.yaml": SCHOOL, **files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write_files


@pytest.fixture
def load_files(write: Write, vocabulary: Vocabulary) -> Callable[[Files], Playbooks]:
    return lambda files: load(write(files), vocabulary)


@pytest.fixture
def refused(write: Write, vocabulary: Vocabulary) -> Callable[[Files], list[str]]:
    """Load files that cannot be used, and return the problems."""

    def problems(files: Files) -> list[str]:
        with pytest.raises(PlaybookError) as caught:
            load(write(files), vocabulary)
        return [str(problem) for problem in caught.value.problems]

    return problems
