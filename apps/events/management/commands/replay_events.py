"""manage.py replay_events CONSUMER: give a consumer again what it passed without having it."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from apps.core.errors import FinanceError
from apps.core.trace import trace
from apps.events.services.replaying import Choice, plan_replay, replay_events
from apps.events.words import Topic


class Command(BaseCommand):
    """Replay; what the consumer had already has no effect again."""

    help = "Give a consumer events again that it passed; what it had stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the choice, the reason, and whether to look only."""
        parser.add_argument("consumer", help="such as reports.activity")
        parser.add_argument("--topic", choices=Topic.values, default="")
        parser.add_argument("--key", default="", help="such as entry:42")
        parser.add_argument("--organization", type=int, help="its key; all unless given")
        parser.add_argument("--from", dest="since", type=_moment, help="day or moment")
        parser.add_argument("--to", dest="until", type=_moment, help="day or moment, not in it")
        parser.add_argument("--reason", default="", help="kept in the operation log")
        parser.add_argument("--dry-run", action="store_true", help="count, and give nothing")

    def handle(self, *_args: object, **options: Any) -> None:
        """Say what is chosen, and give it unless only asked to look."""
        choice = Choice(
            options["consumer"],
            options["topic"],
            options["key"],
            options["organization"],
            options["since"],
            options["until"],
        )
        try:
            with trace():
                plan = plan_replay(choice)
                self.stdout.write(
                    f"{plan.chosen:,} events: {plan.had:,} had already, {plan.aside:,} stand"
                    f" aside, {plan.to_give:,} to give"
                )
                if not options["dry_run"]:
                    given = replay_events(choice, reason=options["reason"], actor=None)
                    self.stdout.write(f"{given:,} given")
        except FinanceError as error:
            raise CommandError(str(error)) from error


def _moment(text: str) -> datetime:
    """Return a moment in the time zone of the installation."""
    try:
        moment, day = parse_datetime(text), parse_date(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if moment is None and day is None:
        raise ArgumentTypeError(f"{text} is neither a day nor a moment")
    found = moment or datetime(day.year, day.month, day.day)  # type: ignore[union-attr]  # noqa: DTZ001  (a zone comes next)
    return found if timezone.is_aware(found) else timezone.make_aware(found)
