"""Settings in Microsoft 365 that override the same settings from another cloud. A module is about one program."""
