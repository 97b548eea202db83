"""Load the modules of kinds and controls. A broken module stops only the entries and commands that need it.

`isolate()` adds an import hook. If such a module raises an error while it is loaded, or declares something invalid, the
hook records the error. The module then holds stand-ins, which raise UnusableModule when they are used. So a module that
only imports a name from it can still be loaded.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any, NoReturn, Protocol, TypeVar

from toolkit.errors import UnusableModule
from toolkit.messages import sentence
from toolkit.records import dataclass

_ROOT = Path(__file__).resolve().parents[1]
_CONTROLS = "toolkit.controls."
_BASE = "toolkit.controls.control"  # every control needs it
_FOLDERS = frozenset({"kinds", "controls", "checks"})


@dataclass(frozen=True, slots=True)
class BrokenModule:
    """A module of a kind or a control that cannot be loaded."""

    module: str  # the dotted name
    place: str  # file:line of the cause, which may be in a module that it imports
    cause: str  # one line

    @property
    def subject(self) -> str:
        """Return the name of the kind, or of the file with the controls or the check."""
        if (kind := _kind_of(self.module)) is not None:
            return f"kind {kind}"
        return f"{'check' if '.checks.' in self.module else 'controls'} in {self.module.replace('.', '/')}.py"

    def __str__(self) -> str:
        return f"{self.place}: the {self.subject} cannot be loaded: {self.cause}"


class NamedControl(Protocol):
    """A control, or a cloud's realisation of a control."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=NamedControl)
_BROKEN: dict[str, BrokenModule] = {}


def broken_modules() -> Sequence[BrokenModule]:
    """Return the broken modules that were imported so far, one for each cause."""
    by_cause: dict[tuple[str, str], BrokenModule] = {}
    for broken in _BROKEN.values():
        by_cause.setdefault((broken.place, broken.cause), broken)
    return [by_cause[key] for key in sorted(by_cause)]


def broken_part(module: str) -> BrokenModule | None:
    """Return the error of an imported module or of a module in it, or None if all of them could be loaded."""
    inside = f"{module}."
    return next((broken for name, broken in _BROKEN.items() if name == module or name.startswith(inside)), None)


def broken_control(name: str, package: str) -> BrokenModule | None:
    """Return the broken module of a package that declares a control, or None."""
    inside = f"{package}."
    return next(
        (broken for broken in _BROKEN.values() if broken.module.startswith(inside) and _names(broken, name)), None
    )


def _names(broken: BrokenModule, control: str) -> bool:
    """Return whether a module is named for the area of a control, or its source quotes the control's name."""
    if broken.module.rpartition(".")[2] == control.partition(".")[0]:
        return True
    try:
        source = _file_of(broken.module).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return f'"{control}"' in source or f"'{control}'" in source


def load_part(name: str) -> ModuleType:
    """Import a module of a kind or a control. Raise UnusableModule if it is broken."""
    module = import_module(name)
    if broken := broken_part(name):
        raise UnusableModule(str(broken), place=broken.place, cause=broken.cause)
    return module


def declared_controls(name: str, declared_type: type[T]) -> Sequence[T]:
    """Return the controls that a module declares in `CONTROLS`, or none if the module is broken.

    A value of another type, or a name that was declared twice, breaks the module.
    """
    try:
        module = load_part(name)
        declared: object = getattr(module, "CONTROLS", ())
        if not isinstance(declared, tuple) or not all(isinstance(control, declared_type) for control in declared):
            refuse_invalid(module, "CONTROLS", f"CONTROLS must be a tuple of {declared_type.__name__}")
        names = [control.name for control in declared]
        if twice := next((control for control in names if names.count(control) > 1), None):
            refuse_invalid(module, "CONTROLS", f"CONTROLS declares {twice} twice")
    except UnusableModule:
        return ()
    return declared


def refuse_invalid(module: ModuleType, name: str, wrong: str) -> NoReturn:
    """Record that a module declares something invalid under a name, and raise UnusableModule."""
    file = _file_of(module.__name__)
    source = file.read_text(encoding="utf-8", errors="replace")
    declared = re.search(rf"^{name}\b", source, re.MULTILINE)
    line = source.count("\n", 0, declared.start()) + 1 if declared else 1
    broken = BrokenModule(module.__name__, f"{_relative_path(file)}:{line}", wrong)
    _BROKEN[module.__name__] = broken
    raise UnusableModule(str(broken))


def isolate() -> None:
    """Add the import hook, if it is not there yet."""
    if not any(isinstance(finder, _PartFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _PartFinder())


def _kind_of(module: str) -> str | None:
    """Return the full name of the kind that a module belongs to, or None if it is not part of a kind."""
    folders = module.split(".")
    return f"{folders[1]}.{folders[3]}" if folders[0] == "connectors" and folders[2] == "kinds" else None


def _is_part(module: str) -> bool:
    if module.startswith(_CONTROLS):
        return module != _BASE
    folders = module.split(".", 3)
    return len(folders) == 4 and folders[0] == "connectors" and folders[2] in _FOLDERS  # noqa: PLR2004


class _PartFinder:
    def find_spec(self, name: str, path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        if not _is_part(name):
            return None
        spec = PathFinder.find_spec(name, path)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _PartLoader(spec.loader.name, spec.loader.path)
        return spec


class _PartLoader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        try:
            super().exec_module(module)
        except Exception as error:  # noqa: BLE001 (any error in the module is reported with its place)
            name = module.__name__
            _BROKEN[name] = _inherited_cause(module) or _describe(name, self.path, error)
            for defined in [key for key in vars(module) if not key.startswith("__")]:
                delattr(module, defined)
            module.__class__ = _UnusableModule


class _UnusableModule(ModuleType):
    """A broken module. Each of its names is a stand-in, except for the modules in a package."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        module = f"{self.__name__}.{name}"
        if "__path__" in vars(self) and PathFinder.find_spec(module, list(self.__path__)):
            return import_module(module)
        stand_in = type.__new__(_StandIn, name, (), {"__module__": self.__name__, "__doc__": None})
        setattr(self, name, stand_in)
        return stand_in


class _StandIn(type):
    """A class in place of a name in a broken module. It can be named in types, and not be used."""

    def __new__(cls, _name: str, bases: tuple[type, ...], _defined: dict[str, Any]) -> Any:
        refuse_use(next(base for base in bases if isinstance(base, _StandIn)))

    def __call__(cls, *_values: object, **_named: object) -> Any:
        refuse_use(cls)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        refuse_use(cls)

    def __get_pydantic_core_schema__(cls, *_source: object) -> Any:
        refuse_use(cls)

    def __iter__(cls) -> Iterator[Any]:
        refuse_use(cls)

    def __getitem__(cls, _key: object) -> Any:
        refuse_use(cls)


def refuse_use(stand_in: type) -> NoReturn:
    """Raise UnusableModule for the broken module of a stand-in."""
    broken = _BROKEN[stand_in.__module__]
    raise UnusableModule(str(broken), place=broken.place, cause=broken.cause)


def _inherited_cause(module: ModuleType) -> BrokenModule | None:
    """Return the cause of another broken module from which a module has imported a name, or None."""
    stand_in = next((value for value in vars(module).values() if isinstance(value, _StandIn)), None)
    if stand_in is None:
        return None
    broken = _BROKEN[stand_in.__module__]
    return BrokenModule(module.__name__, broken.place, broken.cause)


def _describe(module: str, path: str, error: Exception) -> BrokenModule:
    if isinstance(error, UnusableModule) and error.place:
        return BrokenModule(module, error.place, error.cause)
    place = f"{_relative_path(Path(path))}:1"
    for frame, line in walk_tb(error.__traceback__):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(_ROOT / "connectors") or (file.is_relative_to(_ROOT / "toolkit") and file != _OWN):
            place = f"{_relative_path(file)}:{line}"
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{_relative_path(Path(error.filename))}:{error.lineno or 1}"
    text = sentence(error.msg if isinstance(error, SyntaxError) else error)
    return BrokenModule(module, place, f"{type(error).__name__}: {text}" if text else type(error).__name__)


_OWN = Path(__file__).resolve()


def _relative_path(file: Path) -> str:
    return file.relative_to(_ROOT).as_posix() if file.is_relative_to(_ROOT) else str(file)


def _file_of(module: str) -> Path:
    path = _ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
