"""The one place where HTTP listeners are made."""
