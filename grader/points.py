"""Points: fractions while they are worked out; and numbers as a person writes them."""

from __future__ import annotations

from fractions import Fraction


def number(value: Fraction | int) -> float | int:
    """Points as a person writes them: whole where they are, else to two places."""
    value = Fraction(value)
    return int(value) if value.denominator == 1 else round(float(value), 2)


def counted(many: int, what: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{many} {what}" if many == 1 else f"{many} {what}s"
