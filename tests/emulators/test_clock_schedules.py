"""When schedules fire: both languages, time zones, the days clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.clock import schedules

BERLIN = "Europe/Berlin"

# (schedule, time zone, after, the next fires in the zone's own time)
SPEC = {
    "an interval of minutes": (
        "every 5 minutes",
        None,
        "2026-03-27T12:03",
        ["03-27 12:05", "03-27 12:10", "03-27 12:15"],
    ),
    "an interval of hours": ("every 2 hours", None, "2026-03-27T12:03", ["03-27 14:00", "03-27 16:00", "03-27 18:00"]),
    "a whole day": ("every 24 hours", None, "2026-03-27T12:03", ["03-28 00:00", "03-29 00:00", "03-30 00:00"]),
    "more than a day": ("every 36 hours", None, "2026-03-28T12:03", ["03-30 00:00", "03-31 12:00", "04-02 00:00"]),
    "synchronized": (
        "every 20 mins synchronized",
        None,
        "2026-03-27T23:41",
        ["03-28 00:00", "03-28 00:20", "03-28 00:40"],
    ),
    "between two times": (
        "every 2 hours from 10:00 to 14:00",
        None,
        "2026-03-27T12:03",
        ["03-27 14:00", "03-28 10:00", "03-28 12:00"],
    ),
    "between two times over midnight": (
        "every 2 hours from 22:00 to 02:00",
        None,
        "2026-03-27T23:00",
        ["03-28 00:00", "03-28 02:00", "03-28 22:00"],
    ),
    "every day at a time": ("every day 03:00", None, "2026-03-27T12:03", ["03-28 03:00", "03-29 03:00", "03-30 03:00"]),
    "a weekday": ("every monday 09:00", None, "2026-03-27T12:03", ["03-30 09:00", "04-06 09:00", "04-13 09:00"]),
    "weekdays cut short": (
        "every mon,wed 09:30",
        "America/New_York",
        "2026-03-27T12:03",
        ["03-30 09:30", "04-01 09:30", "04-06 09:30"],
    ),
    "weekdays of a month": (
        "1st,third monday of march,june 17:00",
        None,
        "2026-03-01T00:00",
        ["03-02 17:00", "03-16 17:00", "06-01 17:00"],
    ),
    "days of the month": (
        "1,15 of month 10:00",
        None,
        "2026-03-27T12:03",
        ["04-01 10:00", "04-15 10:00", "05-01 10:00"],
    ),
    "a day of the leap year": (
        "29 of feb 00:00",
        None,
        "2026-03-27T12:03",
        ["02-29 00:00", "02-29 00:00", "02-29 00:00"],
    ),
    "the rarest day": (
        "5th monday of february 00:00",
        None,
        "2072-03-01T00:00",
        ["02-29 00:00", "02-29 00:00", "02-29 00:00"],  # of 2112: 2100 is no leap year
    ),
    "cron every minute": ("* * * * *", None, "2026-03-27T12:03", ["03-27 12:04", "03-27 12:05", "03-27 12:06"]),
    "cron in a zone": ("0 6 * * 1-5", BERLIN, "2026-03-27T12:03", ["03-30 06:00", "03-31 06:00", "04-01 06:00"]),
    "cron of a rare day": ("0 0 29 2 *", None, "2026-03-27T12:03", ["02-29 00:00", "02-29 00:00", "02-29 00:00"]),
    "capitals and blanks do not matter": (
        "Every  Day 03:00",
        None,
        "2026-03-27T12:03",
        ["03-28 03:00", "03-29 03:00", "03-30 03:00"],
    ),
}


def fires(text: str, zone: str | None, after: str, count: int) -> list[datetime]:
    """The next so many fires, in the zone's own time."""
    schedule = schedules.parse(text, zone)
    moment = datetime.fromisoformat(after).replace(tzinfo=schedule.zone)
    return [moment := schedule.next_fire(moment).astimezone(schedule.zone) for _ in range(count)]


@pytest.mark.parametrize(("text", "zone", "after", "expected"), SPEC.values(), ids=SPEC.keys())
def test_spec_fires(text: str, zone: str | None, after: str, expected: list[str]) -> None:
    assert [f"{at:%m-%d %H:%M}" for at in fires(text, zone, after, len(expected))] == expected


CHANGES = {
    "a skipped time fires at the change": (
        "every day 02:30",
        "2026-03-28T12:00",
        ["29 03:00 CEST", "30 02:30 CEST", "31 02:30 CEST"],
    ),
    "a skipped time fires at the change in cron too": (
        "30 2 * * *",
        "2026-03-28T12:00",
        ["29 03:00 CEST", "30 02:30 CEST", "31 02:30 CEST"],
    ),
    "an interval goes on through an hour that comes twice": (
        "every 30 minutes",
        "2026-10-25T02:10",
        ["25 02:30 CEST", "25 02:00 CET", "25 02:30 CET", "25 03:00 CET"],
    ),
    "a time that comes twice fires the first time": (
        "every day 02:30",
        "2026-10-24T12:00",
        ["25 02:30 CEST", "26 02:30 CET", "27 02:30 CET"],
    ),
    "a time that comes twice fires both times in cron": (
        "30 2 * * *",
        "2026-10-24T12:00",
        ["25 02:30 CEST", "25 02:30 CET", "26 02:30 CET"],
    ),
}


@pytest.mark.parametrize(("text", "after", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_ours_fires_when_clocks_change(text: str, after: str, expected: list[str]) -> None:
    assert [f"{at:%d %H:%M %Z}" for at in fires(text, BERLIN, after, len(expected))] == expected


REFUSED = {
    "no schedule": ("whenever", "cannot be read: use cron like"),
    "four fields of cron": ("0 6 * *", "cannot be read"),
    "six fields of cron": ("0 0 6 * * *", "cannot be read"),
    "an unknown unit": ("every 5 fortnights", "minutes or hours"),
    "an interval of nothing": ("every 0 minutes", "minutes or hours"),
    "an hour that is none": ("every day 25:00", "25:00 is no time of day"),
    "a word too many": ("every every monday 09:00", "'every' is no place in a month"),
    "a day that is none": ("every someday 09:00", "'someday' is none of monday"),
    "a month that is none": ("1 of smarch 09:00", "'smarch' is none of january"),
    "a place that is none": ("6th monday of month 09:00", "'6th' is no place"),
    "a day of the month that is none": ("32 of month 09:00", "1 to 31"),
    "a day that never comes": ("31 of feb 00:00", "never fires: name a day that exists"),
    "a day that never comes, in cron": ("0 0 31 2 *", "never fires: name a day that exists"),
}


@pytest.mark.parametrize(("text", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_ours_what_cannot_be_read_says_what_could(text: str, complaint: str) -> None:
    with pytest.raises(schedules.ScheduleError, match=complaint):
        schedules.parse(text, None)


def test_ours_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(schedules.ScheduleError, match="time zone 'Mars/Olympus' is unknown"):
        schedules.parse("every 5 minutes", "Mars/Olympus")


@given(
    after=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001  # made aware below
    minutes=st.integers(1, 1440),
    zone=st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_ours_an_interval_fires_after_now_and_within_itself(after: datetime, minutes: int, zone: str) -> None:
    moment = after.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    fire = schedules.parse(f"every {minutes} minutes", zone).next_fire(moment)
    assert moment < fire <= moment + timedelta(minutes=minutes)
