"""The public interface for authors of connectors and controls, for example `from toolkit.sdk import Kind, Spec`.

`__init__.pyi` lists each name with its module. Modules are imported at first use, because most commands need only a
few. Read `resource`, `spec`, `form`, `endpoint` and `kind` first, then `part` and `check`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
