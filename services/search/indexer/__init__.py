"""The indexer: follows the catalogue, builds index generations, gates and publishes them, and rolls them out."""
