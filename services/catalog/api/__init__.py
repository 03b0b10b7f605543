"""The catalogue's wire: messages to items and back."""
