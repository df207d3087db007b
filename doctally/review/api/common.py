"""What every route of the API shares: who asks, parameters, errors as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

from db.errors import TRANSIENT
from doctally.edits import EditRefused
from doctally.errors import AccessDenied, DoctallyError
from doctally.people import Identity, Role
from doctally.review.api.shapes import Trouble
from doctally.review.whoami import NotAllowed, checked, identity_of

STATUS = {
    "no_such_document": 404,
    "no_such_file": 404,
    "no_such_page": 404,
    "no_values": 409,
    "held": 409,
    "changed_meanwhile": 409,
    "illegal_transition": 409,
    "nothing_to_undo": 409,
    "edit_refused": 422,
    "nothing_given": 422,
    "bad_cursor": 422,
    "empty_file": 422,
    "too_large": 413,
    "not_allowed": 403,
    "log_in_first": 401,
    "disk_full": 507,
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Trouble, "description": "The body cannot be read at all"},
    401: {"model": Trouble, "description": "Nobody is logged in and no valid token is shown"},
    403: {"model": Trouble, "description": "The role does not include this"},
    413: {"model": Trouble, "description": "Too much was sent"},
    421: {"model": Trouble, "description": "The host is no name of this installation"},
    422: {"model": Trouble, "description": "The request does not fit its description"},
    503: {"model": Trouble, "description": "The database is busy or away; try again"},
}
MISSING: dict[int | str, dict[str, Any]] = {
    404: {"model": Trouble, "description": "There is no such document"}
}
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {
        "model": Trouble,
        "description": "Somebody has it open, it changed, or its state does not allow this",
    }
}
_bearer = HTTPBearer(auto_error=False, description="`doctally users token NAME --label ...`")

DocumentId = Annotated[int, Path(ge=1, le=2**53 - 1, description="the document's number")]
Seen = Annotated[
    datetime | None,
    Query(description="the document's `updated_at` as you saw it; refused if it has changed"),
]


def needs(role: Role) -> Callable[..., Awaitable[Identity]]:
    """Return a dependency that gives who asks and refuses a lesser role."""

    async def who(request: Request, _: Annotated[Any, Depends(_bearer)]) -> Identity:
        return checked(identity_of(request), role)

    return who


Viewer = Annotated[Identity, Depends(needs(Role.VIEWER))]
Reviewer = Annotated[Identity, Depends(needs(Role.REVIEWER))]


def trouble(
    status: int, code: str, message: str, *, faults: dict[str, str] | None = None
) -> JSONResponse:
    """Return a refusal as JSON."""
    content = {"code": code, "message": message}
    headers = {"retry-after": "5"} if status == 503 else None
    return JSONResponse({**content, "faults": faults} if faults else content, status, headers)


def handle_errors(api: FastAPI) -> None:
    """Let every error of the API be a Trouble."""

    @api.exception_handler(DoctallyError)
    async def ours(request: Request, error: DoctallyError) -> JSONResponse:
        status = 503 if error.code in TRANSIENT else STATUS.get(error.code, 500)
        if status == 500 and isinstance(error, AccessDenied) and not isinstance(error, NotAllowed):
            status = 503
        faults = error.faults if isinstance(error, EditRefused) else None
        return trouble(status, error.code, error.message, faults=faults)

    @api.exception_handler(RequestValidationError)
    async def misfit(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = {".".join(map(str, e["loc"])): str(e["msg"]) for e in error.errors()}
        message = "the request does not fit its description"
        return trouble(422, "invalid_request", message, faults=faults)

    @api.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        found = trouble(error.status_code, f"http_{error.status_code}", str(error.detail))
        found.headers.update(error.headers or {})
        return found
