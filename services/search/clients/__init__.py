"""What search asks of other services."""
