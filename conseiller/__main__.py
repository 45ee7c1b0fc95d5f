"""Run the command line: ``python -m conseiller``."""

from conseiller.cli import main

if __name__ == "__main__":
    main()
