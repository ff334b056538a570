"""When a schedule fires next; pure.

Two languages, as Cloud Scheduler takes them: cron (five fields) and App Engine's ("Schedule a cron job": the page's
grammar, whole):

    every 5 minutes [synchronized]                 every 2 hours from 10:00 to 14:00
    every day 03:00                                every mon,wed 09:30
    1st,third monday of march,june 17:00           1,15 of month 10:00

An interval is counted from midnight of the schedule's own time zone, as `synchronized` does, so that a restart does
not shift it. A local time that a change of clocks skips fires at the change; of an hour that comes twice, cron fires
in both, a time of day in the first.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterBadDateError, croniter

UNITS = {"minute": 60, "minutes": 60, "min": 60, "mins": 60, "hour": 3600, "hours": 3600}
LONGEST_S = 366 * 86400  # a longer interval is a mistake
SEARCH_DAYS = 366 * 40 + 2  # the rarest day there is, a 29 February of one weekday, is at most forty years away
ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # a schedule that never fires does not after this one either
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
ORDINALS = {
    "1st": 1,
    "first": 1,
    "2nd": 2,
    "second": 2,
    "3rd": 3,
    "third": 3,
    "4th": 4,
    "fourth": 4,
    "5th": 5,
    "fifth": 5,
}

INTERVAL = re.compile(
    r"every (?P<count>\d+) (?P<unit>[a-z]+)(?: from (?P<start>\d\d?:\d\d) to (?P<end>\d\d?:\d\d)| synchronized)?"
)
DATED = re.compile(
    r"(?:every )?(?:(?P<ordinals>[a-z0-9,]+) )??(?P<days>[a-z,]+)(?: of (?P<months>[a-z,]+))? (?P<time>\d\d?:\d\d)"
)
MONTHLY = re.compile(r"(?P<numbers>[\d,]+)(?: day)? of (?P<months>[a-z,]+) (?P<time>\d\d?:\d\d)")


class ScheduleError(ValueError):
    """The schedule or the time zone cannot be read; the text says what would be."""


Fires = Callable[[datetime, ZoneInfo], Iterator[datetime]]  # moments in order, from a little before the given one


@dataclass(frozen=True)
class Schedule:
    """A schedule that has been read."""

    text: str
    zone: ZoneInfo
    fires: Fires

    def next_fire(self, after: datetime) -> datetime:
        """The first fire after the given moment (aware), in UTC. ScheduleError when there is none."""
        for moment in self.fires(after, self.zone):
            fire = moment.astimezone(UTC)
            if fire > after:  # in UTC: two moments of one zone are compared by their wall times
                return fire
        raise ScheduleError(f"schedule {self.text!r} never fires: name a day that exists")


def parse(text: str, timezone: str | None) -> Schedule:
    """Reads a schedule of either language; ScheduleError when it cannot be, or would never fire."""
    try:
        zone = ZoneInfo(timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ScheduleError(f"time zone {timezone!r} is unknown: use a name like Europe/Berlin") from error
    schedule = Schedule(text, zone, _fires(text))
    schedule.next_fire(ANY_DAY)
    return schedule


def _fires(text: str) -> Fires:
    words = " ".join(text.lower().split())
    for pattern, build in ((INTERVAL, _interval), (MONTHLY, _monthly), (DATED, _dated)):
        if match := pattern.fullmatch(words):
            return build(text, match)
    return _cron(text)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A wall time as a moment."""
    wall = datetime.combine(day, at)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # The time is skipped: read with the offset of before, the moment lies after the change, by less than the gap.
    minute = timedelta(minutes=1)
    while (moment - minute).astimezone(zone).utcoffset() == moment.astimezone(zone).utcoffset():
        moment -= minute
    return moment


def _cron(text: str) -> Fires:
    if len(text.split()) != 5 or not croniter.is_valid(text):
        raise ScheduleError(
            f"schedule {text!r} cannot be read: use cron like '0 6 * * *', or 'every 5 minutes', or 'every day 03:00'"
        )

    def fires(after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        found = croniter(text, after.astimezone(zone))
        try:
            while True:
                yield found.get_next(datetime)
        except CroniterBadDateError:
            return  # there is no such day

    return fires


def _interval(text: str, match: re.Match[str]) -> Fires:
    count, unit = int(match["count"]), UNITS.get(match["unit"])
    if unit is None or not 0 < count * unit <= LONGEST_S:
        raise ScheduleError(f"schedule {text!r}: an interval is minutes or hours, a year at most: 'every 5 minutes'")
    step = timedelta(seconds=count * unit)
    start = _clock_time(text, match["start"]) if match["start"] else None
    end = _clock_time(text, match["end"]) if match["end"] else None

    def fires(after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        if start is None or end is None:
            yield from _around_the_clock(after.astimezone(zone).date(), step, zone)
            return
        for day in _days(after.astimezone(zone).date() - timedelta(days=1)):
            last = _moment(day + timedelta(days=end < start), end, zone)
            moment = _moment(day, start, zone)
            while moment <= last:
                yield moment
                moment += step

    return fires


def _around_the_clock(today: date, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    """Every `step` from a midnight on: the day's own for what fits into a day, else the first of the calendar."""
    for day in _days(today) if step <= timedelta(days=1) else ():
        moment, midnight = _moment(day, time(), zone), _moment(day + timedelta(days=1), time(), zone)
        while moment < midnight:
            yield moment
            moment += step
    passed = timedelta(days=today.toordinal()) // step
    for number in (passed, passed + 1, passed + 2):
        at = datetime.combine(date.min, time()) + number * step
        yield _moment(at.date(), at.time(), zone)


def _dated(text: str, match: re.Match[str]) -> Fires:
    weekdays = set(range(7)) if match["days"] == "day" else _named(text, match["days"], DAYS)
    weeks = _ordinals(text, match["ordinals"])
    months = _months(text, match["months"])
    at = _clock_time(text, match["time"])

    def fires(after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        for day in _days(after.astimezone(zone).date()):
            in_week = (day.day - 1) // 7 + 1 in weeks
            if day.weekday() in weekdays and in_week and day.month in months:
                yield _moment(day, at, zone)

    return fires


def _monthly(text: str, match: re.Match[str]) -> Fires:
    numbers = {int(number) for number in match["numbers"].split(",") if number}
    if not numbers or not numbers <= set(range(1, 32)):
        raise ScheduleError(f"schedule {text!r}: a day of the month is 1 to 31")
    months = _months(text, match["months"])
    at = _clock_time(text, match["time"])

    def fires(after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        for day in _days(after.astimezone(zone).date()):
            if day.day in numbers and day.month in months:
                yield _moment(day, at, zone)

    return fires


def _days(first: date) -> Iterator[date]:
    for offset in range(SEARCH_DAYS):
        yield first + timedelta(days=offset)


def _ordinals(text: str, names: str | None) -> set[int]:
    if names is None:
        return set(ORDINALS.values())
    unknown = [name for name in names.split(",") if name not in ORDINALS]
    if unknown:
        raise ScheduleError(f"schedule {text!r}: {unknown[0]!r} is no place in a month: use 1st to 5th")
    return {ORDINALS[name] for name in names.split(",")}


def _months(text: str, names: str | None) -> set[int]:
    if names is None or names == "month":
        return set(range(1, 13))
    return {index + 1 for index in _named(text, names, MONTHS)}


def _named(text: str, names: str, known: tuple[str, ...]) -> set[int]:
    """The places of names that may be cut to three letters."""
    found = set()
    for name in names.split(","):
        places = [index for index, whole in enumerate(known) if name in (whole, whole[:3])]
        if not places:
            raise ScheduleError(f"schedule {text!r}: {name!r} is none of {', '.join(known)}")
        found.update(places)
    return found


def _clock_time(text: str, value: str) -> time:
    hour, minute = (int(part) for part in value.split(":"))
    if hour > 23 or minute > 59:
        raise ScheduleError(f"schedule {text!r}: {value} is no time of day: use 00:00 to 23:59")
    return time(hour, minute)
