"""What keeps the flags."""
