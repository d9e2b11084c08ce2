"""The two ways in which a run can end badly. Both reach the user as one plain sentence, never as a traceback."""


class WrongUseError(Exception):
    """The user asked for something that cannot be done: a wrong path, option or setting (exit code 2)."""


class BadDataError(Exception):
    """The data is not what it must be: a broken folder, a failed check (exit code 1)."""


class EditedManifestWarning(UserWarning):
    """A version is read whose manifest was edited after it was written."""
