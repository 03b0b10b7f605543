"""What the edge understands of whoever asks, and how each type of client is answered."""
