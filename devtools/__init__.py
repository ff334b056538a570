"""What dev.py does once the environment is there: one module per command, each with `main(arguments) -> exit code`."""
