"""The people to whom a control applies: audiences, pilots and exceptions."""
