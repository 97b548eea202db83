"""What Microsoft 365 makes of each control: one module a control, named as the control is."""
