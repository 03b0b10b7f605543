"""The edge: HTTP for people and programs outside, gRPC to the services inside, and the page."""
