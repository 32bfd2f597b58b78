"""Run the bureau: `python -m scripts.bureau --port 8100`; port 0 takes a free one."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from scripts.bureau.server import make_server


def main() -> int:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="scripts.bureau", description="A credit bureau.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    options = parser.parse_args()
    try:
        server = make_server(options.host, options.port)
    except (OSError, OverflowError) as error:
        print(f"cannot listen on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    for ending in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop that this very thread runs.
        signal.signal(ending, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"credit bureau at http://{options.host}:{server.server_port}/", flush=True)
    with server:
        server.serve_forever(poll_interval=0.1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
