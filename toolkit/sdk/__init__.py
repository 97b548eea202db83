"""The names that an author of a connector or a control imports: `from toolkit.sdk import Kind, Spec`.

`__init__.pyi` lists the names, each with its module. A module is loaded when one of its names is first used, because
most commands need few of them. Read `resource`, `spec`, `form`, `endpoint` and `kind` first, then `part` and `check`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
