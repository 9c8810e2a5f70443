"""Points: fractions while they are worked out, numbers as a person writes them once they are done."""

from __future__ import annotations

from fractions import Fraction


def number(value: Fraction | int) -> float | int:
    """Points as a person writes them: whole where they are, else to two places."""
    value = Fraction(value)
    return int(value) if value.denominator == 1 else round(float(value), 2)
