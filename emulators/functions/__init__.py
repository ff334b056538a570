"""The functions emulator: finds functions with the SDK, serves them with the framework, renews them on change."""
