"""The clock: schedules of functions really fire."""
