"""What every request passes: trace id in and out, hostile bytes, caching, refusals."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from apps.core.errors import FinanceError
from apps.core.text import has_hostile_characters
from apps.core.trace import current_trace_id, trace, trace_id_from

GetResponse = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)


class TraceMiddleware:
    """Run the request under a trace id and return it as `X-Trace-ID`."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take the caller's W3C trace or make one."""
        with trace(trace_id_from(request.headers.get("traceparent"))) as trace_id:
            response = self.get_response(request)
            response["X-Trace-ID"] = trace_id
            return response


class HostileInputMiddleware:
    """Answer 400 to NUL and lone surrogates, which no text of a person holds."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the path, the query and the form fields."""
        texts = [request.path, *request.GET.keys(), *_values(request.GET.lists())]
        if request.method == "POST" and _is_form(request):
            texts += [*request.POST.keys(), *_values(request.POST.lists())]
        if any(has_hostile_characters(text) for text in texts):
            return render(
                request,
                "400.html",
                {"explanation": _("The request holds characters that no text may hold.")},
                status=400,
            )
        return self.get_response(request)


def _values(lists: object) -> list[str]:
    return [value for _key, values in lists for value in values]  # type: ignore[attr-defined]


def _is_form(request: HttpRequest) -> bool:
    return request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}


class NoStoreMiddleware:
    """Keep the pages of a signed-in person out of every cache."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer unless it is a public one."""
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


class FinanceErrorMiddleware:
    """Map a refusal that no view handled to a page, or to RFC 9457 for machines."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; refusals arrive at `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a `FinanceError` with its status and sentence; leave bugs alone."""
        if not isinstance(error, FinanceError):
            return None
        log.info("refused", code=error.code, path=request.path)
        if "json" in request.headers.get("Accept", ""):
            return JsonResponse(
                {
                    "type": f"urn:finance-mis:{error.code}",
                    "title": str(error),
                    "status": error.http_status,
                    "code": error.code,
                    "trace_id": current_trace_id(),
                },
                status=error.http_status,
                content_type="application/problem+json",
            )
        messages.error(request, str(error))
        return render(
            request, "error.html", {"explanation": str(error)}, status=error.http_status
        )
