"""What flags are, and who may change them how."""
