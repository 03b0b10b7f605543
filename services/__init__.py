"""Backline's services: each folder is one, except `kit` (what they share) and `commands` (the command line)."""
