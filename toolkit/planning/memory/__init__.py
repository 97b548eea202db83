"""What differences are once the past is known: why they are there, and who fights over them."""
