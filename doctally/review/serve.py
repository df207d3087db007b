"""The review page as a process of its own: ``doctally review``, a child of ``up``."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from doctally.review.office import open_office
from doctally.settings import Settings, load_settings

GRACE_S = 3


def serve(settings: Settings, *, runs: str = "") -> None:
    """Serve the review page until SIGINT or SIGTERM; ``runs`` is where the Prefect UI is.

    Raises AccessDenied, ConfigurationError (user_needed: it would be open to others).
    """
    import uvicorn

    from doctally.review.app import application
    from doctally.review.frame import PLACES, Place
    from doctally.review.security import SERVER

    if runs:
        PLACES.append(Place("Runs", runs))
    with open_office(settings) as office:
        uvicorn.run(
            application(office),
            host=settings.review_host,
            port=settings.review_port,
            log_level="warning",
            timeout_graceful_shutdown=GRACE_S,
            **SERVER,
        )


def _end_with_parent() -> None:
    # As in flows.server: standard input is a pipe that only the parent holds.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(2 * GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    if "--child" in sys.argv:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    serve(load_settings(), runs=os.environ.get("PREFECT_UI_URL", ""))
