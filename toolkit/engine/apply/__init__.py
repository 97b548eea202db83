"""Write the changes of a plan."""
