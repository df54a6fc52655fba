"""The model card of the starter: what it was made of, how far to trust it, what it is not for."""

from minyi.modelcard.page import card, write_card
from minyi.modelcard.rows import LENGTHS, SOURCES, Row, area_of, has_two_matters

__all__ = ["LENGTHS", "SOURCES", "Row", "area_of", "card", "has_two_matters", "write_card"]
