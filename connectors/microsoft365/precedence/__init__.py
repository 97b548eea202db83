"""Microsoft 365 settings that override the same settings from another cloud, in a module for each program."""
