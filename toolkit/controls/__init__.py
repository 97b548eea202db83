"""Rules in the school's words, independent of the provider. Every module here with `CONTROLS` is loaded."""
