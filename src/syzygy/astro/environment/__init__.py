"""Space environment: space weather records, the NRLMSISE-00 atmosphere, sunlight and shadow.

Everything is computed from records that are passed in; nothing here reads a file or opens a socket.
"""
