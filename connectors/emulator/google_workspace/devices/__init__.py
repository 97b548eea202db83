"""Phones, tablets and ChromeOS devices, which the Cloud Identity API and the Directory API both tell of."""
