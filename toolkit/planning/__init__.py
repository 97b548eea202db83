"""Plan how to change the observed state into the desired state. No module here reads or writes anything."""
