"""Exchange Online's administration service, behind which the cmdlets of its PowerShell module are called."""
