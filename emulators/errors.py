"""What can go wrong in the local suite, one tree:

    SuiteError                 exit 1: a file of the project is wrong
    ├── ConfigError            firebase.json, .firebaserc, an .env file
    ├── ManifestError          the functions do not load, or ask for what is not served here
    └── MachineError           exit 3: a busy port, a data folder in use, a child that does not start

Each message is the subject, what happened and the mend; the command line prints it as one line.
"""


class SuiteError(Exception):
    """The suite cannot go on; the text is for the person at the terminal."""

    exit_code = 1


class ConfigError(SuiteError):
    """A configuration file of the project is wrong."""


class ManifestError(SuiteError):
    """The functions cannot be loaded or described."""


class MachineError(SuiteError):
    """The machine lacks something: a free port, a free data folder, a program."""

    exit_code = 3
