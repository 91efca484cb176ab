"""Earth to Moon in the full ephemeris: launch site, parking orbit, injection, approach, insertion."""
