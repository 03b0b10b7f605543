"""What keeps a fault small: so far, the bound on trying again."""
