"""Uploaded files for tests."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile


def make_upload(name: str, content: bytes) -> SimpleUploadedFile:
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, content)
