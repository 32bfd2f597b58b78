"""The name under which the daily figures get events."""

CONSUMER = "reports.activity"
