"""`python -m cleaner.cli`, where the console script is not on the path."""

from cleaner.cli import main

main()
