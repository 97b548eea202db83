"""Plan the difference between the desired and the observed state. Everything here is pure."""
