"""The third room: the order in which candidates are shown."""
