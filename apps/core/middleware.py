"""What every request passes: trace id in and out, hostile bytes, caching, refusals."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from apps.core.errors import FinanceError
from apps.core.text import has_hostile_characters
from apps.core.trace import current_trace_id, trace, trace_id_from

GetResponse = Callable[[HttpRequest], HttpResponse]
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
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
    """Answer 4xx to what no browser sends: NUL, lone surrogates, bodies that are cut short.

    Reading the form can fail in many ways. It fails here, where the answer is a page, and
    not in the middle of a view or of another middleware.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the size, the path, the query and the form fields."""
        if _content_length(request) > settings.LARGEST_REQUEST:
            return _refusal(request, _("The request is larger than anything here."), 413)
        try:
            texts = _texts(request)
        except (BadRequest, MultiPartParserError, UnreadablePostError):
            return _refusal(request, _("The form arrived in a way that cannot be read."), 400)
        if any(has_hostile_characters(text) for text in texts):
            sentence = _("The request holds characters that no text may hold.")
            return _refusal(request, sentence, 400)
        return self.get_response(request)


def _refusal(request: HttpRequest, explanation: str, status: int) -> HttpResponse:
    return render(request, "400.html", {"explanation": explanation}, status=status)


def _texts(request: HttpRequest) -> list[str]:
    """Return every text of the request.

    Raises:
        BadRequest, MultiPartParserError, UnreadablePostError: the form cannot be read.
    """
    texts = [request.path, *request.GET.keys(), *_values(request.GET.lists())]
    if request.method == "POST" and request.content_type in FORMS:
        texts += [*request.POST.keys(), *_values(request.POST.lists())]
        if _is_cut_short(request):
            # The connection broke: what arrived could be half of an entry or of a file.
            raise BadRequest
    return texts


def _values(lists: object) -> list[str]:
    return [value for _key, values in lists for value in values]  # type: ignore[attr-defined]


def _content_length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or ""
    return int(text) if text.isascii() and text.isdigit() else 0


def _is_cut_short(request: HttpRequest) -> bool:
    """Say whether less of the body arrived than was announced."""
    stream = getattr(request, "_stream", None)
    if isinstance(stream, LimitedStream):
        # A form with files is read from the stream, to its end.
        return bool(vars(stream)["_pos"] < stream.limit)
    return len(request.body) < _content_length(request)


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
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
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
                headers=headers,
            )
        messages.error(request, str(error))
        answer = render(
            request, "error.html", {"explanation": str(error)}, status=error.http_status
        )
        for name, value in headers.items():
            answer[name] = value
        return answer
