"""A FastAPI route that reads a customer's contact for support: a guard stands on the function that reads."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse

from sekisho.client import AsyncGate, GateUnavailable, NotPermitted, async_http_gate

CONTACTS = {"c-p-hana": {"plan": "20GB"}}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """One gate for the application, closed when it ends."""
    async with async_http_gate(os.environ["SEKISHO_URL"], key=os.environ["SEKISHO_KEY"]) as gate:
        app.state.gate = gate
        yield


app = FastAPI(lifespan=lifespan)


@app.exception_handler(NotPermitted)
async def refused(_request: Request, refusal: NotPermitted) -> JSONResponse:
    """A refusal anywhere below becomes a 403 that says why."""
    return JSONResponse({"reasons": [reason.code for reason in refusal.answer.reasons]}, status_code=403)


@app.exception_handler(GateUnavailable)
async def unavailable(_request: Request, _failure: GateUnavailable) -> JSONResponse:
    """No answer is no permit."""
    return JSONResponse({"reasons": []}, status_code=503)


@app.get("/plans/{customer_no}")
async def plan(request: Request, customer_no: str, x_staff: Annotated[str, Header()] = "") -> dict[str, str]:
    """The plan of one customer, for the support desk."""
    gate: AsyncGate = request.app.state.gate

    @gate.guard(items=["usage.plan"], data_subject=lambda number: {"customer_no": number})
    async def read(number: str) -> dict[str, str]:
        return CONTACTS[number]

    async with gate.purpose("support", actor=x_staff):
        return await read(customer_no)
