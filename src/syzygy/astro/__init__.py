"""Physics without files: time, frames, bodies, ephemerides, propagation, events, space environment."""
