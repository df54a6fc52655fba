"""How offices answer: in time, to the point, complete."""
