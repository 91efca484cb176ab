"""What crosses the border between partners: keys, signed manifests, release, comparison."""
