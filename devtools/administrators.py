"""`dev.py admin`: who is an administrator: a user of Firebase Auth whose custom claim `admin` is true.

Facts relied on: the SDK talks to the Auth emulator where FIREBASE_AUTH_EMULATOR_HOST is set, and else to Google with
application-default credentials; a claim is in the tokens given out after it was set; setting claims replaces all of
them. The functions refuse tokens from before `--revoke`: they ask the Auth service about every administrator's.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from typing import Any

import firebase_admin
from firebase_admin import auth, exceptions
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError

from emulators.children import ROOT
from emulators.errors import SuiteError
from emulators.project import project_id

CLAIM = "admin"
EMULATOR = "FIREBASE_AUTH_EMULATOR_HOST"
TIMEOUT_S = 30


class Stopped(Exception):
    """Nothing was done; the text says why and what helps, `code` is the exit code."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        super().__init__(text)


def main(arguments: list[str]) -> int:
    """Makes, ends or lists administrators; the exit code."""
    parser = argparse.ArgumentParser(
        prog="dev.py admin",
        description="Makes a user of Firebase Auth an administrator. Without EMAIL it lists the administrators.",
        epilog=f"For the Auth emulator set {EMULATOR}, such as 127.0.0.1:9099.",
        allow_abbrev=False,
    )
    parser.add_argument("email", nargs="?", metavar="EMAIL", help="who; the user must exist")
    parser.add_argument("--project", metavar="ID", help="the project, or its alias (default: .firebaserc's)")
    parser.add_argument("--revoke", action="store_true", help="take it back, at once")
    given = parser.parse_args(arguments)
    if given.revoke and not given.email:
        parser.error("--revoke needs an EMAIL")
    try:
        print(carry_out(given.email, chosen_project(given.project), revoke=given.revoke))
    except Stopped as stopped:
        print(f"admin: {stopped}", file=sys.stderr)
        return stopped.code
    except SuiteError as error:
        print(f"admin: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def chosen_project(named: str | None) -> str:
    """The project that is meant. Stopped where it would be none on Firebase."""
    project = project_id(ROOT, named)
    if project.startswith("demo-") and not os.environ.get(EMULATOR):
        raise Stopped(2, f"{project} is no project on Firebase: name one with --project, or set {EMULATOR}")
    return project


def carry_out(email: str | None, project: str, *, revoke: bool) -> str:
    """Does it; what was done, in words. Stopped where it cannot be."""
    options = {"projectId": project, "httpTimeout": TIMEOUT_S}
    app = firebase_admin.initialize_app(options=options, name="administrators")
    try:
        if email is None:
            return listed(app, project)
        user = auth.get_user_by_email(email, app=app)
        return ended(app, user) if revoke else made(app, user, project)
    except (exceptions.FirebaseError, GoogleAuthError, ValueError) as error:
        raise explained(error, email or "", project) from error
    finally:
        firebase_admin.delete_app(app)


def listed(app: firebase_admin.App, project: str) -> str:
    """Every administrator, a line each."""
    users = auth.list_users(app=app).iterate_all()
    lines = [f"{user.email or '(no address)'}  uid {user.uid}" for user in users if is_administrator(user)]
    return "\n".join(sorted(lines)) or f"{project} has no administrator; `dev.py admin EMAIL` makes one"


def made(app: firebase_admin.App, user: Any, project: str) -> str:
    """Gives a user the claim and keeps the others."""
    if is_administrator(user):
        return f"{user.email} is an administrator already (uid {user.uid})"
    auth.set_custom_user_claims(user.uid, {**(user.custom_claims or {}), CLAIM: True}, app=app)
    lines = [
        f"{user.email} is an administrator of {project} now (uid {user.uid})",
        "It counts from the next sign-in on. `dev.py admin` lists all of them, with --revoke it is taken back.",
    ]
    if not user.email_verified:
        made_at = datetime.fromtimestamp(user.user_metadata.creation_timestamp / 1000, UTC)
        lines.append(
            f"The address is not verified: be sure that the account of {made_at:%Y-%m-%d %H:%M} UTC is theirs."
        )
    return "\n".join(lines)


def ended(app: firebase_admin.App, user: Any) -> str:
    """Takes the claim and all sessions from a user, also from one who has none: an interrupted run is finished so."""
    others = {name: value for name, value in (user.custom_claims or {}).items() if name != CLAIM}
    auth.set_custom_user_claims(user.uid, others or None, app=app)
    auth.revoke_refresh_tokens(user.uid, app=app)
    return f"{user.email} is no administrator any more and signed out everywhere (uid {user.uid})"


def is_administrator(user: Any) -> bool:
    """Whether the functions would take the user for one."""
    return (user.custom_claims or {}).get(CLAIM) is True


def explained(error: Exception, email: str, project: str) -> Stopped:
    """What stopped it, as a person can mend it."""
    where = f"the Auth emulator at {os.environ[EMULATOR]}" if os.environ.get(EMULATOR) else project
    for kind, code, text in (
        (
            auth.UserNotFoundError,
            1,
            f"{where} has no user {email}: add one in the console (Authentication, Users), or sign in once",
        ),
        (auth.ConfigurationNotFoundError, 3, f"Authentication is not switched on in {where}: do that in the console"),
        (
            DefaultCredentialsError,
            3,
            "no Google credentials: run `gcloud auth application-default login`, "
            "or name a service account's file in GOOGLE_APPLICATION_CREDENTIALS",
        ),
        (
            exceptions.PermissionDeniedError,
            3,
            f"the credentials may not change users of {where}: they need the role Firebase Authentication Admin",
        ),
        (ValueError, 2, str(error)),
    ):
        if isinstance(error, kind):
            return Stopped(code, text)
    return Stopped(3, f"{where} does not answer as it should ({type(error).__name__}); try again")
