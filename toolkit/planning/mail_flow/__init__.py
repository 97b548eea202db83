"""The way of a message through the mail rules of a cloud, as far as it can be predicted."""
