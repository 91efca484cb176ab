"""Speed and accuracy beside peers, measured in one run: ``python -m benchmarks [NAME ...]``."""
