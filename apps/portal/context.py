"""What every page knows: `shell` (who, where, menu, look) and `can` (permissions).

Nothing is read from the database until a template asks: an answer in JSON or a fragment
pays nothing.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.urls import reverse

from apps.approvals.services.inbox import Waiting, waiting_for
from apps.approvals.services.questions import Question, questions_to
from apps.ledgers.access import ledgers_for
from apps.ledgers.models import Period
from apps.organizations.access import has_permission
from apps.organizations.permissions import Permission
from apps.portal.menu_items import LinkGroup
from apps.portal.navigation import menu_for
from apps.portal.work import Counts, count_work

if TYPE_CHECKING:
    from django.http import HttpRequest

    from apps.ledgers.models import Ledger
    from apps.organizations.models import User

THEME_COOKIE = "fmis_theme"
THEMES = ("light", "dark", "auto")
LEDGER_KEY = "ledger"
_QUESTIONS_SHOWN = 8


class Shell:
    """The frame around one answer."""

    def __init__(self, request: HttpRequest) -> None:
        """Keep the request; all else is read when asked for."""
        self._request = request

    @cached_property
    def user(self) -> User | None:
        """The signed-in person, if any."""
        user = getattr(self._request, "user", None)
        return cast("User", user) if user is not None and user.is_authenticated else None

    @cached_property
    def can(self) -> dict[str, bool]:
        """Every permission and whether the person has it."""
        return {
            permission.value: self.user is not None and has_permission(self.user, permission)
            for permission in Permission
        }

    @cached_property
    def ledgers(self) -> list[Ledger]:
        """The ledgers that the person may open."""
        if self.user is None or not self.can[Permission.LEDGER_VIEW]:
            return []
        # The open period comes along, so that it is no query of its own on every page.
        latest = Period.objects.open().filter(ledger=OuterRef("pk"), is_adjustment=False)
        latest = latest.order_by("-starts_on")
        return list(
            ledgers_for(self.user).annotate(
                open_year=Subquery(latest.values("fiscal_year")[:1]),
                open_number=Subquery(latest.values("number")[:1]),
            )
        )

    @cached_property
    def ledger(self) -> Ledger | None:
        """The ledger of the address, else the one chosen last, else the first."""
        match = self._request.resolver_match
        wanted = match.kwargs.get("ledger") if match else None
        wanted = wanted or self._request.session.get(LEDGER_KEY)
        chosen = (ledger for ledger in self.ledgers if ledger.code == wanted)
        return next(chosen, self.ledgers[0] if self.ledgers else None)

    @cached_property
    def open_period(self) -> Period | None:
        """The latest open period of the ledger: its name alone, not a row to work with."""
        year: int | None = getattr(self.ledger, "open_year", None)
        if self.ledger is None or year is None:
            return None
        return Period(fiscal_year=year, number=self.ledger.open_number)  # type: ignore[attr-defined]

    @cached_property
    def counts(self) -> Counts:
        """How much waits for the person."""
        return count_work(self.user, self.ledgers) if self.user else Counts()

    @cached_property
    def nav(self) -> tuple[LinkGroup, ...]:
        """The menu as this person sees it."""
        allowed = [name for name, is_allowed in self.can.items() if is_allowed]
        match = self._request.resolver_match
        view = match.view_name if match else ""
        code = self.ledger.code if self.ledger else ""
        waiting = {"portal:home": self.counts.waiting, "approvals:approval_list": self.asked}
        return menu_for(allowed, code, view, waiting)

    @cached_property
    def asked(self) -> int:
        """How many requests for approval wait for the person."""
        known: int | None = getattr(self._request, "approvals_waiting", None)
        if known is not None:
            return known
        return self.waiting.tasks if self.waiting else 0

    @cached_property
    def waiting(self) -> Waiting | None:
        """What waits for the person in rounds; None for who decides nothing."""
        may_decide = self.user and self.can[Permission.APPROVAL_DECIDE]
        return waiting_for(self.user) if self.user and may_decide else None

    @cached_property
    def questions(self) -> list[Question]:
        """The first questions to the person about their own requests."""
        may_see = self.user and self.can[Permission.APPROVAL_VIEW]
        if not may_see or (self.waiting and not self.waiting.is_asked):
            return []
        return questions_to(self.user, _QUESTIONS_SHOWN) if self.user else []

    @cached_property
    def search_url(self) -> str:
        """Where the search of the top bar leads."""
        return self._url("ledgers:journal_entry_list") if self.ledger else ""

    @cached_property
    def new_entry_url(self) -> str:
        """Where N leads."""
        may_draft = self.ledger is not None and self.can[Permission.ENTRY_DRAFT]
        return self._url("ledgers:journal_entry_create") if may_draft else ""

    def _url(self, name: str) -> str:
        return reverse(name, args=(self.ledger.code,)) if self.ledger else ""

    @cached_property
    def theme(self) -> str:
        """What was chosen: light, dark or auto."""
        chosen = self._request.COOKIES.get(THEME_COOKIE) or (self.user and self.user.theme)
        return chosen if chosen in THEMES else "auto"

    @property
    def shown_theme(self) -> str:
        """What to draw before a script can ask the system."""
        return "dark" if self.theme == "dark" else "light"

    @property
    def has_single_keys(self) -> bool:
        """Whether single letters act as shortcuts (WCAG 2.1.4)."""
        return self.user is None or self.user.has_single_key_shortcuts

    @property
    def initials(self) -> str:
        """Up to two letters for the round picture."""
        words = self.user.display_name().split() if self.user else []
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def role_names(self) -> str:
        """The person's roles in words."""
        roles = sorted(self.user.roles()) if self.user else []
        return ", ".join(str(role.label) for role in roles)

    @property
    def is_demo(self) -> bool:
        """Whether this is the demo."""
        return bool(settings.DEMO)

    @property
    def version(self) -> str:
        """The version of Finance MIS."""
        return str(settings.VERSION)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give every template `shell` and `can`."""
    frame = Shell(request)
    return {"shell": frame, "can": LazyCan(frame)}


class LazyCan:
    """Permissions by name, `can.entry_post`; an unknown name is a bug and says so."""

    def __init__(self, frame: Shell) -> None:
        """Keep the frame that knows the person."""
        self._frame = frame

    def __getitem__(self, name: str) -> bool:
        """Say whether the person has the permission.

        Raises:
            RuntimeError: there is no such permission; a template would take a lookup
                error for "no" and hide the mistake.

        """
        try:
            return self._frame.can[name]
        except KeyError as error:
            message = f"no permission is called {name!r}"
            raise RuntimeError(message) from error
