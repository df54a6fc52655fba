"""Which submissions concern one matter, and how hot it is."""
