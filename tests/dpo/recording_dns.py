"""A DNS server on this machine that records each question and passes it to the emulator's DNS."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socket import AF_INET, SOCK_DGRAM, socket

import dns.message
import dns.rdatatype

_LONGEST = 4096  # bytes of a message


@contextmanager
def recording_dns(server: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the address of the recording server, and the questions so far, each as "TXT example.org".

    `server` is the address of the emulator's DNS.
    """
    host, _, port = server.rpartition(":")
    questions: set[str] = set()
    with socket(AF_INET, SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def pass_on() -> None:
            while True:
                try:
                    query, client = listening.recvfrom(_LONGEST)
                except OSError:  # closed
                    return
                if not query:
                    return
                for question in dns.message.from_wire(query).question:
                    name = question.name.to_text(omit_final_dot=True)
                    questions.add(f"{dns.rdatatype.to_text(question.rdtype)} {name}")
                with socket(AF_INET, SOCK_DGRAM) as asking:
                    asking.settimeout(10)
                    asking.sendto(query, (host, int(port)))
                    listening.sendto(asking.recv(_LONGEST), client)

        own_host, own_port = listening.getsockname()
        thread = threading.Thread(target=pass_on, daemon=True)
        thread.start()
        try:
            yield f"{own_host}:{own_port}", questions
        finally:
            with socket(AF_INET, SOCK_DGRAM) as closing:
                closing.sendto(b"", (own_host, own_port))
            thread.join()
