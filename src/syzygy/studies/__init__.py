"""The programme file turned into named, reproducible runs: plan, runner, verification, report."""
