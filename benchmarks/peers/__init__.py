"""What the system is measured against: the same work done barely."""
