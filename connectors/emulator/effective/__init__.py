"""The effective settings of an account in both clouds, by the settings that a tenant stores.

Each cloud follows its vendor's own rules of precedence. The emulator's code shares nothing with the connectors, so that
a test can compare both.
"""
