"""HTTP for people and programs outside: requests in, JSON, pages and problem documents out."""
