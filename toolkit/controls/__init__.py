"""Controls in a school's own words, which apply to any cloud. Each module here that defines `CONTROLS` is loaded."""

from toolkit.part_modules import isolate

isolate()
