"""The one verdict on each part of a control."""
