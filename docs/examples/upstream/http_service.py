"""The HTTP side of a small JSON service: connections, TLS, bodies with their limits, and answers that are always either what
was asked for or a problem (RFC 9457). What the service does is said by who derives from `Handler`.
"""

import http.server
import json
import re
import socket
import socketserver
import ssl
import sys
import threading
import time
import urllib.parse
import zlib

from kiosk_events import Refusal

CONNECTIONS = 200
TITLES = {
    400: "The request cannot be read", 401: "Who are you?", 403: "Not allowed", 404: "Not found",
    405: "Not with this method", 408: "The request took too long", 409: "It contradicts what is known",
    413: "Too large", 414: "The address is too long", 415: "Not a form that is taken", 422: "It contradicts itself",
    429: "Too often", 431: "Too many headers", 500: "A defect of the server", 503: "Not now",
}


class Hangup(Exception):
    """The connection is to be closed without a word."""


class Service(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Serves with a thread for each connection. `listen` is HOST:PORT, `prefix` what stands before /v1 in every path,
    `patience` how many seconds nothing may come while more is awaited."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, listen, handler, context=None, prefix="", quiet=False, patience=30):
        self.context, self.prefix, self.quiet, self.patience = context, prefix, quiet, patience
        self.places = threading.BoundedSemaphore(CONNECTIONS)
        host, _, port = listen.rpartition(":")
        super().__init__((host.strip("[]"), int(port)), handler)

    @property
    def url(self):
        return f"{'https' if self.context else 'http'}://{self.server_name}:{self.server_port}{self.prefix}"

    def server_bind(self):
        # Without a look-up of the machine's name, which may take long.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def get_request(self):
        connection, address = super().get_request()
        connection.settimeout(self.patience)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context:
            # The handshake follows in the connection's own thread: a client that says nothing holds up nobody.
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def process_request_thread(self, request, client_address):
        if not self.places.acquire(blocking=False):
            return self.shutdown_request(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.release()

    def handle_error(self, request, client_address):
        # Connections break all the time; anything else is a defect.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def server_context(certificate, key, client_ca=None):
    """TLS for a server; with `client_ca` it takes client certificates of that issuer and does not insist on one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(client_ca)
    return context


class Handler(http.server.BaseHTTPRequestHandler):
    # (pattern of the path, {method: name of the function that answers it}). Groups of the pattern become arguments.
    ROUTES = []

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "kiosk-example", ""
    # One packet for an answer.
    wbufsize = -1

    def __getattr__(self, name):
        # The base class asks for do_GET, do_POST and so on, and answers 501 where there is none; here the path decides.
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self):
        self.body_read = False
        try:
            self.route()
        except Refusal as refusal:
            self.refuse(refusal)
        except Hangup:
            self.hang_up()
        except OSError:
            self.close_connection = True
        except Exception as error:  # A defect must not take the connection without a word.
            print(f"{self.command} {self.path}: {type(error).__name__}: {error}", file=sys.stderr)
            self.refuse(Refusal(500, "internal", "a defect of this server"))

    def route(self):
        try:
            address = urllib.parse.urlsplit(self.path)
        except ValueError as error:
            raise Refusal(400, "malformed", f"the address: {error}") from None
        path, self.query = address.path, address.query
        if path.startswith(self.server.prefix):
            for pattern, methods in self.ROUTES:
                match = re.fullmatch(pattern, path.removeprefix(self.server.prefix))
                if match is None:
                    continue
                if self.command not in methods:
                    raise Refusal(405, "method-not-allowed", f"{self.command}: only {', '.join(methods)}"[:500],
                                  headers={"Allow": ", ".join(methods)})
                return getattr(self, methods[self.command])(*map(urllib.parse.unquote, match.groups()))
        raise Refusal(404, "not-found", f"there is nothing at {path}"[:500])

    # MARK: bodies

    def body(self, media_type, limit):
        """The body, unpacked; at most `limit` bytes, packed or not."""
        given = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if given != media_type:
            raise Refusal(415, "unsupported-media-type", f"Content-Type {given or 'none'}: only {media_type} is taken")
        encoding = self.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            raise Refusal(415, "unsupported-media-type", f"Content-Encoding {encoding}: only gzip and identity are taken")
        try:
            body = self.raw_body(limit)
        except TimeoutError:
            raise Refusal(408, "timeout", f"nothing came for {self.server.patience} s") from None
        return unpacked(body, limit) if encoding == "gzip" else body

    def raw_body(self, limit):
        lengths = self.headers.get_all("Content-Length") or []
        transfer = self.headers.get_all("Transfer-Encoding") or []
        if transfer:
            # Two lengths for one body is how requests are smuggled.
            if lengths or [value.strip().lower() for value in transfer] != ["chunked"]:
                raise Refusal(400, "malformed", "Transfer-Encoding must be chunked, without Content-Length")
            body = self.chunked_body(limit)
        else:
            if len(lengths) > 1 or not all(re.fullmatch(r"[0-9]{1,18}", length) for length in lengths):
                raise Refusal(400, "malformed", "Content-Length must be one number")
            length = int(lengths[0]) if lengths else 0
            if length > limit:
                raise Refusal(413, "too-large", f"more than {limit} bytes")
            body = self.read(length)
        self.body_read = True
        return body

    def chunked_body(self, limit):
        parts, size = [], 0
        while True:
            match = re.fullmatch(rb"([0-9A-Fa-f]{1,8})(;[^\r\n]*)?\r\n", self.rfile.readline(100))
            if match is None:
                raise Refusal(400, "malformed", "a chunk without its length")
            length = int(match.group(1), 16)
            size += length
            if size > limit:
                raise Refusal(413, "too-large", f"more than {limit} bytes")
            if length == 0:
                break
            parts.append(self.read(length))
            if self.rfile.readline(3) != b"\r\n":
                raise Refusal(400, "malformed", "a chunk longer than its length")
        for _ in range(20):  # Trailers are passed over.
            if self.rfile.readline(1000) in (b"\r\n", b""):
                return b"".join(parts)
        raise Refusal(400, "malformed", "too many trailers")

    def read(self, length):
        body = self.rfile.read(length)
        if len(body) < length:
            # Half a request: whoever sent it is gone.
            raise Hangup
        return body

    # MARK: answers

    def send(self, status, value=None, media_type="application/json", headers=()):
        """Answers with a JSON value, with bytes, or with nothing."""
        body = value if isinstance(value, bytes) else b""
        if value is not None and not isinstance(value, bytes):
            body = json.dumps(value, ensure_ascii=False).encode("utf-8") + b"\n"
        if not self.body_read and (self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers):
            # What has not been read would be taken for the next request.
            self.close_connection = True
        self.send_response(status)
        for name, text in dict(headers).items():
            self.send_header(name, text)
        if value is not None:
            self.send_header("Content-Type", media_type)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()
        if self.close_connection:
            self.hang_up()

    def refuse(self, refusal):
        problem = {"title": TITLES.get(refusal.status, "It did not work"), "status": refusal.status,
                   "code": refusal.code, "detail": refusal.detail[:4000]}
        for name in ("hint", "event", "index"):
            if getattr(refusal, name) is not None:
                problem[name] = getattr(refusal, name)
        try:
            self.send(refusal.status, problem, "application/problem+json", refusal.headers)
        except OSError:
            self.close_connection = True

    def hang_up(self):
        """Ends the connection so that the other side can still read what was sent: closing while bytes of it are unread
        would take that away."""
        self.close_connection = True
        try:
            self.connection.settimeout(1)
            # Past the TLS layer, if there is one: it has nothing more to say.
            socket.socket.shutdown(self.connection, socket.SHUT_WR)
            for _ in range(256):
                if not socket.socket.recv(self.connection, 65_536):
                    break
        except OSError:
            pass

    def handle_expect_100(self):
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def send_error(self, code, message=None, explain=None):
        """The base class calls this for a request that it cannot read."""
        # Whatever it took it for: without this it would answer as HTTP 0.9 did.
        self.request_version = self.protocol_version
        self.close_connection = self.body_read = True
        names = {408: "timeout", 414: "uri-too-long", 431: "headers-too-large"}
        self.refuse(Refusal(code if code in names else 400, names.get(code, "malformed"), str(message or "")))

    def log_message(self, form, *arguments):
        if not self.server.quiet:
            text = (form % arguments).encode("unicode_escape").decode()
            print(f"{time.strftime('%H:%M:%S')} {self.client_address[0]} {text}", file=sys.stderr)


def unpacked(body, limit):
    unpacker = zlib.decompressobj(wbits=31)
    try:
        # Never more than the limit in memory, whatever the file promises.
        plain = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise Refusal(400, "malformed", f"not gzip: {error}") from None
    if len(plain) > limit:
        raise Refusal(413, "too-large", f"more than {limit} bytes when unpacked")
    if not unpacker.eof or unpacker.unused_data:
        raise Refusal(400, "malformed", "not one whole gzip file")
    return plain
