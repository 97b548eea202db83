"""Plan the difference between the desired and the observed state. No module here reads or writes anything."""
