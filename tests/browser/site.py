"""The whole application on a port of its own, and browser windows of its people."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from apps.organizations.permissions import Role
from tests.browser.world import BrowserWorld
from tests.permission_world import signed_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response
    from pytest_django.live_server_helper import LiveServer

    from apps.organizations.models import User

WIDE, PHONE = 1440, 390
HEIGHTS = {WIDE: 900, PHONE: 844}
SESSION = "sessionid"


@dataclass
class Site:
    """A server, what is in its books, and the windows that look at it."""

    browser: Browser
    server: LiveServer
    world: BrowserWorld
    # What browsers complained about since the test began: errors of scripts, CSP, loading.
    problems: list[str] = field(default_factory=list)
    _contexts: dict[tuple[object, ...], BrowserContext] = field(default_factory=dict)

    def window(
        self,
        who: Role | User | None,
        *,
        language: str = "en",
        width: int = WIDE,
        script: bool = True,
    ) -> Page:
        """Open a window of somebody who is signed in; their cookies are shared by windows."""
        key = (who if isinstance(who, Role) else getattr(who, "pk", None), language, script)
        if key not in self._contexts:
            self._contexts[key] = self._context(who, language, script=script)
        page = self._contexts[key].new_page()
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        return page

    def visit(self, page: Page, path: str, *, status: int = 200) -> Response:
        """Go to a page of the application, which must answer with a status."""
        response = page.goto(f"{self.server.url}{path}")
        assert response is not None, path
        assert response.status == status, f"{path}: {response.status}"
        if status >= HTTPStatus.BAD_REQUEST:
            self.forgive(status)
        return response

    def forgive(self, status: int) -> None:
        """Forget that Chromium reported an answer which the test wanted as an error."""
        told = f"the server responded with a status of {status}"
        self.problems[:] = [problem for problem in self.problems if told not in problem]

    def close(self) -> None:
        """Close every window, and forget what they said."""
        for context in self._contexts.values():
            context.close()
        self._contexts.clear()
        self.problems.clear()

    def _context(
        self, who: Role | User | None, language: str, *, script: bool
    ) -> BrowserContext:
        context = self.browser.new_context(
            java_script_enabled=script,
            # Colours are compared when they are reached, not on their way.
            reduced_motion="reduce",
            timezone_id="Asia/Shanghai",
        )
        cookies = {"django_language": language}
        if who is not None:
            client = self.world.people[who] if isinstance(who, Role) else signed_in(who)
            cookies[SESSION] = client.cookies[SESSION].value
        context.add_cookies(
            [{"name": n, "value": v, "url": self.server.url} for n, v in cookies.items()]
        )
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))
        return context

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"{message.text} ({message.location.get('url', '')})")


def texts_of(page: Page, selector: str) -> list[Any]:
    """Return the texts of all elements, as people see them."""
    return [text.strip() for text in page.locator(selector).all_inner_texts()]
