"""The controls, which are worded for schools and apply to any cloud. Each module that defines `CONTROLS` is loaded."""

from toolkit.part_modules import isolate

isolate()
