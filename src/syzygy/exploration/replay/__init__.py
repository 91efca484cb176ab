"""Reading a partner's ephemeris: its coasting arcs, burns and forces, its true axes and time."""
