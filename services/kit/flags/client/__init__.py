"""Flags in a service that uses them: followed by a stream and a poll, kept on disk, evaluated in this process."""
