"""When something happens: passes, eclipses, crossings, found with a proof that none was missed."""
