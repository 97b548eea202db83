"""A module of a kind or a control that cannot be loaded stops what needs it, and nothing else.

Every such module is broken once. Several are broken at a time, because each expansion of the sample takes long.
"""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tests.door import SAMPLES, open_door
from tests.emulated import Tenant
from toolkit import part_modules
from toolkit.controls.control import Control, controls
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.errors import BadAnswer, PlaybookError, Problem
from toolkit.planning.expand import Expansion, expand
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.sdk import providers as installed
from toolkit.sdk.resource import Origin

ROOT = Path(__file__).resolve().parents[2]
CAUSE = "RuntimeError: broken on purpose"
TOGETHER = 8


def _find_modules(*patterns: str) -> list[str]:
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    names = [path.parent if path.name == "__init__.py" else path.with_suffix("") for path in paths]
    return [".".join(path.relative_to(ROOT).parts) for path in names if not path.name.startswith("_")]


def _in_groups(modules: Sequence[str]) -> list[list[str]]:
    count = -(-len(modules) // TOGETHER)
    return [list(modules[start::count]) for start in range(count)]


KINDS = _find_modules("connectors/*/kinds/[!_]*.py", "connectors/*/kinds/*/__init__.py")
REALISATIONS = _find_modules("connectors/*/controls/[!_]*.py")
CHECKS = _find_modules("connectors/*/checks/*/[!_]*.py")
CONTROLS = [name for name in _find_modules("toolkit/controls/[!_]*.py") if name != "toolkit.controls.control"]


@cache
def _playbooks() -> Playbooks:
    return load(SAMPLES)


def _expand(playbooks: Playbooks) -> Expansion:
    return expand(playbooks, cloud_catalogues(list(playbooks.school.tenants)), _all_controls())


@cache
def _all_controls() -> Mapping[str, Control]:
    return controls()


@cache
def _healthy_expansion() -> Expansion:
    return _expand(_playbooks())


@cache
def _text(module: str) -> str:
    return _file_of(module).read_text()


def _file_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@pytest.fixture
def broken(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    with _breaking(request.param):
        yield request.param


@contextmanager
def _breaking(names: Sequence[str]) -> Iterator[None]:
    """Let modules raise an error when they are loaded. Import them and the control modules that name them again."""
    _playbooks()
    _healthy_expansion()
    _declared_controls()
    assert installed.load_every_part() == []
    original = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
        if fullname not in names:
            return original(loader, fullname)
        return compile("\n\nraise RuntimeError('broken on purpose')\n", loader.path, "exec")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_modules, "_BROKEN", {})
        patch.setattr(SourceFileLoader, "get_code", get_code)
        inside = tuple(f"{name}." for name in names)
        for module in [module for module in sys.modules if module.startswith(inside)]:
            patch.delitem(sys.modules, module)
        for module in {*names, *_users(names)}:
            parent, _, child = module.rpartition(".")
            patch.delitem(sys.modules, module)
            patch.setattr(import_module(parent), child, None)
        _forget_loaded_parts()
        yield
    _forget_loaded_parts()


def _users(names: Sequence[str]) -> list[str]:
    """Return the loaded modules of controls and checks whose source names one of the modules."""
    loaded = [module for module in (*REALISATIONS, *CHECKS, *CONTROLS) if module in sys.modules]
    return [module for module in loaded if any(name in _text(module) for name in names)]


def _forget_loaded_parts() -> None:
    controls.cache_clear()
    for name in ("kinds", "realisations", "checks", "check_needs", "_check_modules"):
        getattr(installed, name).cache_clear()


def _place(name: str) -> str:
    return f"{_file_of(name).relative_to(ROOT).as_posix()}:3"


def _reported() -> set[tuple[str, str]]:
    controls()
    modules = installed.load_every_part()
    assert len({module.place for module in modules}) == len(modules)
    return {(module.place, module.cause) for module in modules}


def _load_problems() -> Sequence[Problem]:
    try:
        load(SAMPLES)
    except PlaybookError as refused:
        return refused.problems
    return ()


def _control_problems() -> Sequence[Problem]:
    """Expand the controls of the sample as it was loaded before any module was broken."""
    playbooks = [replace(playbook, resources=()) for playbook in _playbooks().playbooks]
    try:
        _expand(replace(_playbooks(), playbooks=tuple(playbooks)))
    except PlaybookError as refused:
        return refused.problems
    return ()


def _lines(problems: Sequence[Problem]) -> set[Origin]:
    return {Origin(problem.path, problem.line) for problem in problems}


def _entries_of(names: Collection[str]) -> set[Origin]:
    entries = [entry for playbook in _playbooks().playbooks for entry in playbook.controls if entry.name in names]
    return {entry.origin for entry in entries}


def _controls_that_use(module: str) -> set[str]:
    """Return the controls of a cloud whose functions name something from a kind's module."""
    realisations = installed.realisations(module.split(".")[1])
    return {name for name, control in realisations.items() if _uses(control.parts, module, set())}


def _uses(function: object, module: str, visited: set[object]) -> bool:
    if not isinstance(function, FunctionType) or function in visited:
        return False
    visited.add(function)
    codes = [function.__code__]
    for code in codes:
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    values = [function.__globals__.get(name) for code in codes for name in code.co_names]
    return any(str(getattr(value, "__module__", "")).startswith(module) for value in values) or any(
        _uses(value, module, visited) for value in values
    )


@pytest.mark.parametrize("broken", _in_groups(KINDS), indirect=True)
def test_broken_kinds_stop_only_the_entries_that_need_them(broken: list[str]) -> None:
    kinds = {".".join(name.split(".")[1::2]) for name in broken}
    resources = [entry for playbook in _playbooks().playbooks for entry in playbook.resources]
    of_objects = {
        name for wanted in _healthy_expansion().wanted if wanted.address.kind_path in kinds for name in wanted.made_by
    }
    that_may = of_objects.union(*map(_controls_that_use, broken))

    loading, expanding = _load_problems(), _control_problems()

    assert _reported() == {(_place(name), CAUSE) for name in broken}
    assert _lines(loading) == {entry.origin for entry in resources if entry.address.kind_path in kinds}
    assert _entries_of(of_objects) <= _lines(expanding) <= _entries_of(that_may)
    assert all(any(_place(name) in problem.message for name in broken) for problem in (*loading, *expanding))


@pytest.mark.parametrize("broken", _in_groups(REALISATIONS), indirect=True)
def test_broken_realisations_stop_their_controls_on_one_cloud(broken: list[str]) -> None:
    problems = _control_problems()

    assert _reported() == {(_place(name), CAUSE) for name in broken}
    assert _entries_of(_controls_named_in(broken)) <= _lines(problems)
    assert _lines(problems) <= _entries_of(_controls_named_in([*broken, *_users(broken)]))
    assert _load_problems() == ()


@pytest.mark.parametrize("broken", _in_groups(CONTROLS), indirect=True)
def test_broken_controls_stop_their_entries(broken: list[str]) -> None:
    problems = _load_problems()

    assert _reported() == {(_place(name), CAUSE) for name in broken}
    assert _entries_of(_controls_named_in(broken)) <= _lines(problems)
    assert all(any(_place(name) in problem.message for name in broken) for problem in problems)


@cache
def _declared_controls() -> Mapping[str, frozenset[str]]:
    """Return the names of the controls that each module declares in `CONTROLS`."""
    modules = {name: import_module(name) for name in (*REALISATIONS, *CONTROLS)}
    return {
        name: frozenset(control.name for control in getattr(module, "CONTROLS", ())) for name, module in modules.items()
    }


def _controls_named_in(modules: Sequence[str]) -> set[str]:
    declared = _declared_controls()
    return set().union(*(declared.get(module, ()) for module in modules))


@pytest.mark.parametrize("broken", _in_groups(CHECKS), indirect=True)
def test_broken_checks_are_unknown(broken: list[str]) -> None:
    assert (_load_problems(), _control_problems()) == ((), ())
    assert _reported() == {(_place(name), CAUSE) for name in broken}
    for provider, control in ((name.split(".")[1], ".".join(name.split(".")[3:])) for name in broken):
        if check := installed.checks(provider).get(control):
            with pytest.raises(BadAnswer, match=CAUSE):
                check(None, None, None)  # type: ignore[arg-type]
            assert installed.check_needs(provider)[control](None) == ()


RULE = "connectors.microsoft365.kinds.transport_rule"
PLAYBOOK = """\
playbook: mail
title: Mail
owner: Head Teacher
resources:
"""
OTHER = """\
  - microsoft365.remote_domain: Default
    auto_forward_enabled: false
"""
DISCLAIMER = """\
  - microsoft365.transport_rule: Disclaimer
    from_scope: NotInOrganization
    prepend_subject: "[outside] "
"""


def test_an_object_of_a_broken_kind_is_unknown_and_not_orphaned(tenant: Tenant, tmp_path: Path) -> None:
    door = open_door(tenant, tmp_path, samples=False)
    door.write("10-mail.yaml", PLAYBOOK + OTHER + DISCLAIMER)
    assert door.toolkit("apply", "--yes").exit == 0
    rules = tenant.objects("exchange.transportRules")
    domains = tenant.objects("exchange.remoteDomains")

    with _breaking([RULE]):
        named = door.toolkit("plan")
        door.write("10-mail.yaml", PLAYBOOK + OTHER.replace("false", "true"))
        plan, drift = door.toolkit("plan", "--json"), door.toolkit("drift", "--json")
        pruned = door.toolkit("apply", "--yes", "--prune", "--json")
        checked, listed = door.toolkit("validate"), door("kinds")
        doctor, explained = door.toolkit("doctor"), door("kinds", "microsoft365.transport_rule")
        log = door("audit", "log")

    text = f"{_place(RULE)}: the kind microsoft365.transport_rule cannot be loaded: {CAUSE}"
    where = f"{door.playbooks / '10-mail.yaml'}:7: `microsoft365.transport_rule` cannot be used. {text}"
    assert (named.exit, where in named.err, "remote_domain" in named.err) == (2, True, False)
    for answer in (plan, drift):
        assert answer.exit in {3, 4}
        assert [unknown["address"] for unknown in answer.json["unknown"]] == ["microsoft365.transport_rule[Disclaimer]"]
        assert text in answer.json["unknown"][0]["reason"]
        assert "orphaned" not in {finding.get("what") for finding in answer.json.get("findings", ())}
    assert tenant.objects("exchange.transportRules") == rules
    assert tenant.objects("exchange.remoteDomains") != domains
    assert pruned.exit == 4, pruned.out
    assert (checked.exit, checked.out.count(text)) == (0, 1)
    assert (listed.exit, listed.out.count(text)) == (0, 1)
    assert (doctor.exit, doctor.out.count(text)) == (4, 1), doctor.out
    assert (explained.exit, text in explained.err) == (2, True)
    assert log.exit == 0
    assert "1 managed but not in any playbook" in door.toolkit("drift").out  # the kind can be loaded again


def test_an_import_and_a_look_name_the_kinds_that_cannot_be_loaded(tenant: Tenant, tmp_path: Path) -> None:
    door = open_door(tenant, tmp_path, samples=False)
    whole = door("import", "microsoft365", "-o", tmp_path / "whole", "--json")

    with _breaking([RULE]):
        every = door("import", "microsoft365", "-o", tmp_path / "every")
        answer = door("import", "microsoft365", "-o", tmp_path / "again", "--json")
        other = door("import", "microsoft365", "remote_domain", "-o", tmp_path / "other")
        named = door("import", "microsoft365", "transport_rule", "-o", tmp_path / "named")
        look = door("look", "-o", tmp_path / "look")

    text = f"{_place(RULE)}: the kind microsoft365.transport_rule cannot be loaded: {CAUSE}"
    assert whole.json["broken"] == []
    assert (every.exit, every.out.count(f"! {text}")) == (4, 1), every.err
    assert [broken["place"] for broken in answer.json["broken"]] == [_place(RULE)]
    assert "microsoft365.transport_rule" not in [kind["kind"] for kind in answer.json["kinds"]]
    assert (other.exit, text in other.out) == (0, False)
    assert (named.exit, text in named.err) == (2, True)
    assert (look.exit, look.out.count(f"! {text}")) == (4, 1), look.err
    assert "kind microsoft365.transport_rule" in (tmp_path / "look" / "look.html").read_text()
