"""The desired state.

The audience of each control is divided into groups of people who are treated alike, and each group needs objects.
"""
