"""Reading what people have: which column is what, what cells say, the frame of it."""
