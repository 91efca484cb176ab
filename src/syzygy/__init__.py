"""Syzygy: the working system of a joint space programme.

Rooms, from top to bottom: ``cli``, ``studies``, ``exchange``, the applications (``exploration``,
``materials``, ``satellites``, ``sensing``, ``debris``, ``programme``), ``data``, ``formats``, ``astro``,
``numerics``, ``base``.  A room imports only from rooms below it.
"""

__version__ = "0.1.0"
