"""Why two lists of approaches differ: every event of both in one class, with the evidence for it."""
