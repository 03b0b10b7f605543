"""Speaks search's wire: messages into the domain's words and back, nothing else."""
