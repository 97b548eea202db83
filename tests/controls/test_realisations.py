"""Each cloud realises a control with that control's own type of settings, in settings of its kinds."""

from pathlib import Path
from typing import get_type_hints

import pytest

from tests.door import Door
from tests.planning.building import Thing
from tests.schools import few_people
from toolkit.controls.blocking import BLOCKS, Blocking
from toolkit.controls.control import controls
from toolkit.engine.desired_state import validate
from toolkit.errors import PlaybookError
from toolkit.planning.imports.fit_settings import shortest_draft
from toolkit.school.school import ProtectedList, School
from toolkit.sdk.directory import EVERYONE, Audience, Scope
from toolkit.sdk.part import ControlContext
from toolkit.sdk.providers import checks, kinds, providers, realisations
from toolkit.sdk.resource import Mode, Origin
from toolkit.sdk.spec import UNSAID

pytestmark = few_people

SCHOOL = School(
    name="Example Primary School",
    short_name="EPS",
    domains=("example-primary.example",),
    time_zone="Europe/London",
    tenants={},
    roles={},
    protected=ProtectedList(),
    mode=Mode.CHECK,
    phone=None,
    website=None,
    origin=Origin("00-school.yaml", 1),
)


@pytest.mark.parametrize("provider", providers())
def test_a_realisation_takes_the_settings_of_its_control(provider: str) -> None:
    taken = {
        control: next(iter(get_type_hints(cloud.parts).values())) for control, cloud in realisations(provider).items()
    }

    wrong = {name: kind for name, kind in taken.items() if not issubclass(controls()[name].settings, kind)}

    assert wrong == {}
    assert {kind.__name__ for kind in taken.values()} > {"Blocking", "Disclaimer", "Retention"}


@pytest.mark.parametrize("provider", providers())
def test_a_check_takes_the_settings_of_its_control(provider: str) -> None:
    taken = {control: next(iter(get_type_hints(check).values())) for control, check in checks(provider).items()}

    wrong = {name: kind for name, kind in taken.items() if not issubclass(controls()[name].settings, kind)}

    assert wrong == {}
    assert {kind.__name__ for kind in taken.values()} > {"Compliance", "DailyAccess", "LeaverHandover", "Mfa"}


def test_the_table_of_blocks_names_every_control_that_blocks_apps_and_sites() -> None:
    assert {name for name, control in controls().items() if issubclass(control.settings, Blocking)} == set(BLOCKS)


def test_a_setting_that_is_unsaid_is_not_named() -> None:
    spec = Thing(most=3, text=UNSAID, html=None)

    assert spec.written == {"most": 3, "html": None}


@pytest.mark.parametrize("provider", providers())
def test_a_realisation_asks_for_settings_of_the_kind_that_it_names(provider: str) -> None:
    everyone = ControlContext(SCHOOL, Scope(Audience(EVERYONE)))
    asked = {
        (name, resource.kind, type(resource.spec))
        for name, cloud in realisations(provider).items()
        for part in cloud.realise(
            controls()[name].settings.model_validate(shortest_draft(controls()[name], EVERYONE).settings), everyone
        ).parts
        for resource in part.resources
    }

    assert {(name, kind) for name, kind, spec in asked if spec is not kinds(provider)[kind].spec} == set()
    assert len({kind for _, kind, _ in asked}) > 3


def test_a_setting_that_a_cloud_does_not_take_is_refused_where_the_control_is_asked_for(wide_door: Door) -> None:
    wide_door.write(
        "60-tag.yaml",
        "playbook: tag\ntitle: Tag\nowner: School Business Manager\ncontrols:\n"
        "  - mail.disclaimer:\n      for: everyone\n      scope: all\n      text_file: text/long.html\n"
        "      phrase: sent from school\n",
    )
    text = wide_door.playbooks / "text"
    text.mkdir(exist_ok=True)
    (text / "long.html").write_text(f"<p>sent from school {'x' * 5000}</p>")

    with pytest.raises(PlaybookError) as refused:
        validate(wide_door.playbooks)

    assert [(Path(problem.path).name, problem.line, problem.message) for problem in refused.value.problems] == [
        ("60-tag.yaml", 5, f"mail.disclaimer on {setting}: String should have at most 5000 characters")
        for setting in ("Google Workspace: text", "Microsoft 365: apply_html_disclaimer_text")
    ]
