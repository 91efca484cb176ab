"""Why do two ephemerides of one flight differ? A closed budget of causes."""
