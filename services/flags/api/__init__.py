"""What the flags service says on the wire."""
