"""Where catalogues come from: sources of items, and the import that writes them and keeps what was refused."""
