"""The state folder of the private servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import places


def test_it_opens_a_state_folder_that_somebody_closed_to_the_servers_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "var"
    state.mkdir(mode=0o700)
    monkeypatch.setattr(places, "is_root", lambda: True)

    places.open_state_folder(state)

    assert state.stat().st_mode & 0o777 == 0o755


def test_it_leaves_the_state_folder_of_an_ordinary_user_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "var"
    state.mkdir(mode=0o700)
    monkeypatch.setattr(places, "is_root", lambda: False)

    places.open_state_folder(state)

    assert state.stat().st_mode & 0o777 == 0o700
