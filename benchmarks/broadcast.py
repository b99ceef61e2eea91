"""The least that FastAPI on uvicorn does: everybody in a set, and each message to each of them."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import AsyncIterator
from contextlib import suppress

import uvicorn
from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

app = FastAPI()
sockets: set[WebSocket] = set()
queues: set[asyncio.Queue[bytes]] = set()


@app.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    sockets.add(websocket)
    with suppress(WebSocketDisconnect):
        while True:
            await websocket.receive_text()


@app.get("/api/events")
async def events() -> StreamingResponse:
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    queues.add(queue)

    async def stream() -> AsyncIterator[bytes]:
        yield b"retry: 1000\n\n"
        while True:
            yield await queue.get()

    return StreamingResponse(stream(), media_type="text/event-stream")


@app.post("/go")
async def go(request: Request) -> dict[str, int]:
    said = await request.json()
    for websocket in sockets:
        for message in said["messages"]:
            await websocket.send_text(message)
    for queue in queues:
        queue.put_nowait(said["piece"].encode())
    return {"told": len(sockets) + len(queues)}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    config = uvicorn.Config(app, access_log=False, log_level="error", ws_per_message_deflate=False)
    listening = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error").bind_socket()
    listening.listen(2048)
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    uvicorn.Server(config).run([listening])
