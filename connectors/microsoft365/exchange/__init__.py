"""Exchange Online's administration service, which runs the cmdlets of its PowerShell module."""
