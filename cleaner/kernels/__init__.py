"""Arrays in, arrays out: no documents, no settings, no files. Each kernel has a plain twin in tests/reference/."""
