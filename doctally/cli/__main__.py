"""``python -m doctally.cli``: the command line without its script."""

from doctally.cli import main

main()
