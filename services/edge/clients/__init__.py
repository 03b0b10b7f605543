"""What the edge asks of other services: a port each, its gRPC adapter and its in-memory one."""
