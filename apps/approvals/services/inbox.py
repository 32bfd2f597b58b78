"""The inbox: the tasks that wait for a person, a page at a time.

    tasks (own, by delegation) --filters--> keys of a page --> rows with what a list shows

The number of statements does not depend on how many tasks there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Exists, F, Func, Q, Subquery
from django.db.models.functions import Abs

from apps.approvals.access import asked_of, delegations_to, tasks_of, ways_to
from apps.approvals.models import ApprovalTask
from apps.approvals.services.ages import Age, age_of
from apps.approvals.services.panes import Headline, headlines_of
from apps.approvals.services.risks import RiskNote, risk_notes
from apps.core.money import minor_digits
from apps.core.paging import UncountedPage
from apps.organizations.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.approvals.models import ApprovalRequest

PAGE_SIZE = 50
OLDEST, NEWEST, LARGEST = "oldest", "newest", "largest"
_ORDERS: dict[str, tuple[Any, ...]] = {
    OLDEST: ("opened_at", "pk"),
    NEWEST: ("-opened_at", "-pk"),
    LARGEST: (Abs("request__amount").desc(), "pk"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """A task as the list shows it; `asked` is for whom the reader stands in, if anybody."""

    task: ApprovalTask
    headline: Headline
    age: Age
    asked: User | None = None
    risks: list[RiskNote] = field(default_factory=list)

    @property
    def request(self) -> ApprovalRequest:
        """The request that the task is of."""
        return self.task.request

    @property
    def digits(self) -> int:
        """Decimals of the request's currency."""
        return minor_digits(self.request.currency_id)

    @property
    def plain_amount(self) -> str:
        """The amount in plain digits, as scripts read it."""
        return f"{self.request.amount:.{self.digits}f}"

    @property
    def is_risky(self) -> bool:
        """Whether it is better looked at alone."""
        return any(note.is_risky for note in self.risks)


class Waiting(NamedTuple):
    """How many tasks wait for a person, and whether a question about their own request does."""

    tasks: int
    is_asked: bool


def waiting_for(user: User) -> Waiting:
    """Return what waits for the user; one statement where nobody has delegated."""
    own = tasks_of(user, ()).order_by().values("person").annotate(count=Count("pk"))
    me = User.objects.filter(pk=user.pk).annotate(
        own=Subquery(own.values("count")),
        stands_in=Exists(delegations_to(user)),
        is_asked=Exists(asked_of(user)),
    )
    count, stands_in, is_asked = me.values_list("own", "stands_in", "is_asked").get()
    tasks = tasks_of(user, ways_to(user)).count() if stands_in else count or 0
    return Waiting(tasks, is_asked)


def count_waiting(user: User) -> int:
    """Return how many tasks wait for the user."""
    return waiting_for(user).tasks


def inbox_page(
    user: User, filters: Mapping[str, Any], number: int
) -> tuple[UncountedPage, int | None]:
    """Return a page of items, and how many tasks wait in all, None where no item fits.

    `filters` are the fields of `InboxFilters`, cleaned. The rows are fetched after their keys:
    only so many are joined as are shown. Where the page has nothing any more, it is the first.
    """
    tasks = tasks_of(user, ways_to(user))
    order = _ORDERS[filters.get("sort") or OLDEST]
    start = (number - 1) * PAGE_SIZE
    keys = tasks.filter(_conditions(user, filters)).order_by(*order).values("pk")
    total = tasks.order_by().annotate(all=Func(F("pk"), function="count")).values("all")
    rows = _rows().filter(pk__in=keys[start : start + PAGE_SIZE + 1]).order_by(*order)
    found = list(rows.annotate(all_waiting=Subquery(total)))
    if not found and number > 1:
        return inbox_page(user, filters, 1)
    items = items_of(user, found[:PAGE_SIZE])
    page = UncountedPage(items, number, PAGE_SIZE, has_more=len(found) > PAGE_SIZE)
    return page, found[0].all_waiting if found else None


def items_of(user: User, tasks: Iterable[ApprovalTask]) -> list[Item]:
    """Return tasks as the list shows them."""
    tasks = list(tasks)
    requests = list({task.request_id: task.request for task in tasks}.values())
    heads, notes = headlines_of(requests), risk_notes(requests, user)
    return [
        Item(
            task=task,
            headline=heads[task.request_id],
            age=age_of(task),
            asked=None if task.person_id == user.pk else task.person,
            risks=notes.get(task.request_id, []),
        )
        for task in tasks
    ]


def first_items(user: User, count: int) -> list[Item]:
    """Return the first items of the inbox, the oldest first."""
    tasks = tasks_of(user, ways_to(user)).order_by(*_ORDERS[OLDEST]).values("pk")
    rows = _rows().filter(pk__in=tasks[:count]).order_by(*_ORDERS[OLDEST])
    return items_of(user, rows)


def _rows() -> QuerySet[ApprovalTask]:
    return ApprovalTask.objects.select_related(
        "person", "step", "request__maker", "request__department", "request__flow"
    )


def _conditions(user: User, filters: Mapping[str, Any]) -> Q:
    found = Q()
    for name, lookup in (
        ("kind", "request__subject_kind"),
        ("department", "request__department"),
        ("flow", "request__flow__word"),
        ("maker", "request__maker"),
    ):
        if filters.get(name):
            found &= Q(**{lookup: filters[name]})
    if filters.get("above") is not None:
        above = filters["above"]
        found &= Q(request__amount__gt=above) | Q(request__amount__lt=-above)
    if filters.get("asked") == "me":
        found &= Q(person=user)
    elif filters.get("asked") == "others":
        found &= ~Q(person=user)
    return found


def tasks_by_request(user: User, request: ApprovalRequest) -> list[ApprovalTask]:
    """Return the open tasks of a request that the user may answer, own ones first."""
    rows = tasks_of(user, ways_to(user)).filter(request=request)
    tasks = rows.select_related("step", "person").order_by("pk")
    return sorted(tasks, key=lambda task: task.person_id != user.pk)
