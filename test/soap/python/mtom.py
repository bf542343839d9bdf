"""An MTOM peer on the standard library alone: http.server, the email package's MIME parser, xml.etree. Started as `mtom.py FOLDER`;
prints its port. `store` keeps the attachment in FOLDER and answers with its size and SHA-256, `fetch` sends it back as an MTOM message of
its own. A message that is no sound MTOM is refused with 400 and the reason. Told by `?inline` in the path, `fetch` answers without MTOM."""

import base64
import hashlib
import json
import os
import sys
import threading
import uuid
from email import policy
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote
from xml.etree import ElementTree

SOAP = {
    "text/xml": "http://schemas.xmlsoap.org/soap/envelope/",
    "application/soap+xml": "http://www.w3.org/2003/05/soap-envelope",
}
XOP = "http://www.w3.org/2004/08/xop/include"
ARCHIVE = "urn:gatehouse:test:archive"
FOLDER = sys.argv[1]


class Refused(Exception):
    pass


def opened(content_type, body):
    """The envelope's root element, with every xop:Include replaced by the base64 of its part, and what each part was."""
    message = BytesParser(policy=policy.HTTP).parsebytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    if message.get_content_type() != "multipart/related":
        return plain(message.get_content_type(), body), []
    if message.get_param("type") != "application/xop+xml":
        raise Refused("multipart/related without type=application/xop+xml")
    if message.defects:
        raise Refused(f"the MIME parser finds {[type(defect).__name__ for defect in message.defects]}")
    parts = list(message.iter_parts())
    by_id = {str(part["Content-ID"]).strip(): part for part in parts if part["Content-ID"] is not None}
    if len(by_id) != len(parts):
        raise Refused("a part has no Content-ID, or two have the same")
    root = by_id.get(message.get_param("start")) if message.get_param("start") else parts[0]
    if root is None:
        raise Refused("start names no part")
    if root.get_content_type() != "application/xop+xml" or root.get_param("type") not in SOAP:
        raise Refused(f"the root part is {root.get_content_type()} of type {root.get_param('type')}")
    if message.get_param("start-info") != root.get_param("type"):
        raise Refused("start-info is not the type of the root part")
    tree = plain(root.get_param("type"), root.get_payload(decode=True))
    used = []
    for holder in tree.iter():
        include = holder.find(f"{{{XOP}}}Include")
        if include is None:
            continue
        if len(holder) != 1 or (holder.text or "").strip() or (include.tail or "").strip():
            raise Refused("xop:Include is not the only content of its element")
        href = include.get("href", "")
        part = by_id.get(f"<{unquote(href[4:])}>") if href.startswith("cid:") else None
        if part is None or part is root:
            raise Refused(f"{href} names no part")
        data = part.get_payload(decode=True)
        used.append({"type": part.get_content_type(), "encoding": str(part["Content-Transfer-Encoding"]), "bytes": len(data)})
        holder.remove(include)
        holder.text = base64.b64encode(data).decode("ascii")
    if len(used) != len(parts) - 1:
        raise Refused("a part is referred to never or twice")
    return tree, used


def plain(media_type, data):
    if media_type not in SOAP:
        raise Refused(f"{media_type} is no SOAP message")
    if b"<!DOCTYPE" in data:
        raise Refused("a DTD")
    tree = ElementTree.fromstring(data)
    if tree.tag != f"{{{SOAP[media_type]}}}Envelope":
        raise Refused(f"{tree.tag} in {media_type}")
    return tree


def envelope(media_type, content):
    return f'<e:Envelope xmlns:e="{SOAP[media_type]}"><e:Body>{content}</e:Body></e:Envelope>'.encode()


def packed(media_type, content, data):
    """By hand: the email package writes binary parts as text."""
    boundary = f"MIME_{uuid.uuid4().hex}"
    root = envelope(media_type, content.format('<x:Include xmlns:x="%s" href="cid:doc%%2B1@peer.test"/>' % XOP))
    head = f'--{boundary}\r\nContent-Type: application/xop+xml; charset=utf-8; type="{media_type}"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@peer.test>\r\n\r\n'
    part = f"\r\n--{boundary}\r\ncontent-id: <doc+1@peer.test>\r\ncontent-type: application/octet-stream\r\ncontent-transfer-encoding: binary\r\n\r\n"
    body = b"preamble\r\n" + head.encode() + root + part.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return f'Multipart/Related; boundary="{boundary}"; type="application/xop+xml"; start="<root@peer.test>"; start-info="{media_type}"', body


class Peer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.body()
        media_type = "application/soap+xml" if "application/soap+xml" in self.headers["Content-Type"] else "text/xml"
        try:
            tree, used = opened(self.headers["Content-Type"], body)
            self.reply(200, *self.answer(tree, used, media_type))
        except (Refused, ElementTree.ParseError, ValueError) as error:
            self.reply(400, "text/plain", str(error).encode())

    def answer(self, tree, used, media_type):
        call = tree.find(f"{{{SOAP[media_type]}}}Body")[0]
        name = call.findtext(f"{{{ARCHIVE}}}name", "")
        file = os.path.join(FOLDER, "stored-" + hashlib.sha256(name.encode()).hexdigest())
        if call.tag == f"{{{ARCHIVE}}}store":
            data = base64.b64decode(call.findtext(f"{{{ARCHIVE}}}contents", ""), validate=True)
            with open(file, "wb") as out:
                out.write(data)
            with open(os.path.join(FOLDER, "received"), "a") as out:
                out.write(json.dumps({"name": name, "parts": used}) + "\n")
            digest = hashlib.sha256(data).hexdigest()
            content = f'<a:storeResponse xmlns:a="{ARCHIVE}"><a:bytes>{len(data)}</a:bytes><a:sha256>{digest}</a:sha256></a:storeResponse>'
            return f"{media_type}; charset=utf-8", envelope(media_type, content)
        if call.tag != f"{{{ARCHIVE}}}fetch" or not os.path.exists(file):
            raise Refused(f"no {call.tag}, or nothing stored under this name")
        with open(file, "rb") as stored:
            data = stored.read()
        content = f'<a:fetchResponse xmlns:a="{ARCHIVE}"><a:contents>{{}}</a:contents></a:fetchResponse>'
        if self.path.endswith("?inline"):
            return f"{media_type}; charset=utf-8", envelope(media_type, content.format(base64.b64encode(data).decode()))
        return packed(media_type, content, data)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def reply(self, status, content_type, body):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def end_with_the_test():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_the_test, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
print(server.server_address[1], flush=True)
server.serve_forever()
