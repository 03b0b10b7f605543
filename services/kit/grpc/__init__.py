"""The one place where gRPC servers and channels are made."""
