"""What a check finds of what people confirm and try out."""
