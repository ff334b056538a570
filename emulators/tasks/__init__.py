"""The task queue emulator: Cloud Tasks as the admin SDK speaks to it, kept on disk, with rates and retries."""
