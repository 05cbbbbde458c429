"""`python -m klplint`."""

from klplint.cli import main

if __name__ == "__main__":
    main()
