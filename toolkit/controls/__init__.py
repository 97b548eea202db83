"""The controls, worded for a school and independent of the cloud.

Every module here that defines `CONTROLS` is loaded.
"""
