"""Nothing that a browser sends, and none of waffle's own switches, turns a flag."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template import engines
from django.test import RequestFactory
from waffle import flag_is_active
from waffle.decorators import waffle_flag

from apps.organizations.models import User
from apps.rollout.models import Flag
from apps.rollout.services.decisions import choose
from apps.rollout.services.flags import stop_rollout
from apps.rollout.words import FINANCIAL_APPROVAL_V2 as NAME
from tests.factories import make_department, make_organization, make_user
from tests.rollout.flags import WHY, make_admin, make_flag

pytestmark = pytest.mark.django_db
FORGED_COOKIES = {f"dwf_{NAME}": "True", f"dwft_{NAME}": "True"}
FORGED_QUERY = {f"dwft_{NAME}": "1", NAME: "1", f"dwf_{NAME}": "True"}
FORGED_HEADERS = {f"dwft-{NAME}": "1", f"dwf-{NAME}": "True"}


def forged_request(user: User) -> HttpRequest:
    """Return a request that tries everything that turns a flag of waffle's own model."""
    request = RequestFactory(headers=FORGED_HEADERS).get("/", FORGED_QUERY)
    request.COOKIES.update(FORGED_COOKIES)
    request.user = user
    return request


def member(flag: Flag) -> User:
    """Return somebody of a department."""
    return make_user(flag.organization, department=make_department(flag.organization))


def test_cookies_query_and_headers_turn_nothing_on() -> None:
    request = forged_request(member(make_flag(percent="0")))

    assert not flag_is_active(request, NAME)
    with pytest.raises(Http404):
        waffle_flag(NAME)(lambda _request: HttpResponse())(request)
    tag = "{% load waffle_tags %}{% flag 'financial-approval-v2' %}on{% else %}off{% endflag %}"
    assert engines["django"].from_string(tag).render({"request": request}, request) == "off"


def test_cookies_query_and_headers_turn_nothing_off() -> None:
    request = forged_request(member(make_flag(percent="100")))
    request.COOKIES.update(dict.fromkeys(FORGED_COOKIES, "False"))
    request.GET = QueryDict(urlencode(dict.fromkeys(FORGED_QUERY, "0")))

    assert flag_is_active(request, NAME)


def test_a_stopped_flag_stays_off_whatever_is_sent() -> None:
    flag = make_flag(percent="100")
    user = member(flag)
    stop_rollout(flag, version=1, reason=WHY, actor=make_admin(flag))

    assert not flag_is_active(forged_request(user), NAME)


def test_a_superuser_gets_what_the_own_department_gets_which_is_none() -> None:
    make_flag(percent="100")
    root = User.objects.create_superuser("root-of-flags", password=None)

    assert not flag_is_active(forged_request(root), NAME)


def test_everyone_testing_and_the_other_switches_of_waffle_change_nothing() -> None:
    request = forged_request(member(make_flag(percent="0")))
    loud = Flag(
        name=NAME,
        everyone=True,
        testing=True,
        superusers=True,
        staff=True,
        authenticated=True,
        rollout=True,
        languages="en",
        percent=100,
    )

    assert not loud.is_active(request)


def test_waffles_settings_open_no_back_door(settings: LazySettings) -> None:
    settings.WAFFLE_OVERRIDE = True
    settings.WAFFLE_FLAG_DEFAULT = True
    settings.WAFFLE_CREATE_MISSING_FLAGS = True
    request = forged_request(member(make_flag(percent="0")))

    assert not flag_is_active(request, NAME)
    assert not flag_is_active(request, "never-heard-of")
    assert Flag.objects.count() == 1


def test_waffles_command_cannot_turn_a_flag() -> None:
    flag = make_flag(percent="0")

    with pytest.raises((CommandError, IntegrityError, TypeError)):
        call_command("waffle_flag", NAME, everyone=True)

    assert not choose(NAME, make_department(flag.organization)).is_on


def test_what_lies_in_waffles_cache_is_never_read() -> None:
    flag = make_flag(percent="0")
    cache.set(f"waffle:flag:{NAME}", Flag(name=NAME, everyone=True, percent=100))

    assert not flag_is_active(forged_request(member(flag)), NAME)


def test_a_department_of_another_organization_has_its_own_flag() -> None:
    make_flag(percent="100")
    other = make_flag(make_organization(), percent="0")

    assert not choose(NAME, make_department(other.organization)).is_on
