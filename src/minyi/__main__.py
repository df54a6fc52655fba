"""``python -m minyi`` is the command line."""

from minyi.cli import main

if __name__ == "__main__":
    main()
