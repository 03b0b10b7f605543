"""The index: one immutable file per generation, built from the catalogue's export, opened by every search process."""
