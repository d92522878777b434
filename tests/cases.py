"""Many small cases of one fact as one test: a test of its own costs more than most of them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def each_of(
    cases: Iterable[Any], called: Callable[[Any], str] = repr
) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """A test for every case, a tuple of its arguments or its only one; all that fail are named.

    Args:
        cases: what the test is called with, one after the other.
        called: the name of a case; its first line is said.
    """
    given = list(cases)

    def decorate(test: Callable[..., None]) -> Callable[[], None]:
        @functools.wraps(test)
        def every_case() -> None:
            failures: list[str] = []
            for case in given:
                try:
                    test(*case) if isinstance(case, tuple) else test(case)
                except (Exception, pytest.fail.Exception) as error:
                    failures.append(
                        f"{called(case)[:200]}: {type(error).__name__}: {error}"[:2_000]
                    )
            assert given
            assert not failures, f"{len(failures)} of {len(given)} cases:\n" + "\n".join(failures)

        vars(every_case)["__signature__"] = inspect.Signature()  # for pytest: no fixtures
        return every_case

    return decorate
