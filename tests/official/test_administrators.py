"""`dev.py admin` with the real Auth emulator: who is made an administrator may write, and who was one may not."""

from __future__ import annotations

import json

import pytest

from tests.official.people import changed, save, token, toolkit, user
from tests.official.suites import OfficialSuite
from tests.typed import typed

pytestmark = pytest.mark.official


def admin(official: OfficialSuite, *arguments: str) -> tuple[int, str]:
    """The command as a person runs it beside that suite: its exit code and what it says."""
    host = official.origin("auth").removeprefix("http://")
    done = typed("admin", *arguments, env={"FIREBASE_AUTH_EMULATOR_HOST": host})
    return done.returncode, done.stdout + done.stderr


def test_spec_the_first_administrator_is_made_listed_and_ended(official: OfficialSuite) -> None:
    email, uid = user(official)
    before = token(official, email)
    code, said = admin(official, email)
    assert (code, said.splitlines()[0]) == (0, f"{email} is an administrator of demo-kindling now (uid {uid})")
    assert "The address is not verified" in said
    during = token(official, email)
    assert [save(official, "made", one).status_code for one in (before, during)] == [403, 201]
    assert admin(official, email) == (0, f"{email} is an administrator already (uid {uid})\n")
    assert f"{email}  uid {uid}" in admin(official)[1].splitlines()

    ended = (0, f"{email} is no administrator any more and signed out everywhere (uid {uid})\n")
    assert [admin(official, email, "--revoke"), admin(official, email, "--revoke")] == [ended, ended]
    after = token(official, email)
    earlier = changed(during, iat=1)  # sessions end to the second, and this one may have begun in the same
    assert [save(official, "made", one).status_code for one in (earlier, after)] == [401, 403]
    assert email not in admin(official)[1]


def test_spec_other_claims_are_kept(official: OfficialSuite) -> None:
    email, uid = user(official)
    toolkit(official, "update", {"localId": uid, "customAttributes": '{"team": "data"}'}, owner=True)
    assert [admin(official, email)[0], admin(official, email, "--revoke")[0]] == [0, 0]
    found = toolkit(official, "lookup", {"localId": [uid]}, owner=True)["users"][0]
    assert json.loads(found["customAttributes"]) == {"team": "data"}


def test_spec_who_is_unknown_is_told_how_to_become_known(official: OfficialSuite) -> None:
    host = official.origin("auth").removeprefix("http://")
    where = f"admin: the Auth emulator at {host} has no user nobody@example.com"
    mend = "add one in the console (Authentication, Users), or sign in once"
    assert admin(official, "nobody@example.com") == (1, f"{where}: {mend}\n")
