"""The shared words of all rooms: errors, requests, tables, provenance, progress, execution."""
