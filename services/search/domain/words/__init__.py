"""The first room: what people type, and what titles say, becomes the same plain words."""
