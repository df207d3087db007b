"""Logos: invented, of simple shapes."""

from __future__ import annotations

from synth.paper import Paper


def logo(paper: Paper, x: float, y: float, width: float, height: float) -> None:
    """Draw an invented logo of simple shapes, sometimes with initials."""
    ink, dice = paper.ink, paper.dice
    colour = (dice.random() * 0.9, dice.random() * 0.9, dice.random() * 0.9)
    side = min(width, height)
    match dice.randint(0, 5):
        case 0:
            ink.box(x, y, side, side, fill=colour, stroke=None)
            ink.ellipse(x + side * 0.2, y + side * 0.2, side * 0.6, side * 0.6, (1, 1, 1))
        case 1:
            ink.ellipse(x, y, side, side, colour)
        case 2:
            for k in range(4):
                ink.box(
                    x + k * side / 4,
                    y + side * (1 - (k + 1) / 4),
                    side / 5,
                    side * (k + 1) / 4,
                    fill=colour,
                    stroke=None,
                )
        case 3:
            ink.box(x, y, side * 1.4, side, fill=colour, stroke=None, radius=6)
            letters = "".join(
                word[0] for word in paper.deal.supplier.name.split()[:3] if word[0].isalpha()
            )
            face = paper.style.head.but(size=side * 0.5, colour=(1, 1, 1), stretch=100)
            ink.text(x + side * 0.7, y + side * 0.68, letters[:2], face, "c")
        case 4:
            ink.ellipse(x, y, side * 0.7, side * 0.7, colour)
            ink.ellipse(x + side * 0.4, y + side * 0.3, side * 0.7, side * 0.7, (0.6, 0.6, 0.7))
        case _:
            for k in range(3):
                ink.box(
                    x,
                    y + k * side / 3,
                    side * (1.5 - 0.3 * k),
                    side / 4.5,
                    fill=colour,
                    stroke=None,
                )
