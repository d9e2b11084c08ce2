"""The ways in which a run can end badly. All reach the user as one plain sentence, never as a traceback."""


class WrongUseError(Exception):
    """The user asked for something that cannot be done: a wrong path, option or setting (exit code 2)."""


class BadDataError(Exception):
    """The data is not what it must be: a broken folder, a failed check (exit code 1)."""


class Stopped(BaseException):
    """The user or the system told the program to stop (exit code 128 and the number of the signal).

    Not an Exception, so that nothing takes it for an error that it knows how to handle.
    """

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


class EditedManifestWarning(UserWarning):
    """A version is read whose manifest was edited after it was written."""


class StoreError(Exception):
    """A store (s3://…) refuses, or cannot be reached (exit code 1).

    Neither an OSError nor a BadDataError, so that nobody takes it for a file that is missing or damaged.
    """
