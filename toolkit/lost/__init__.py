"""Lost devices: locking a device, signing out its holder, reading back the results, and unlocking it later."""
