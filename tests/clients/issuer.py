"""An issuer backend that knows nothing but how to be notified: it tells each notification in a line of JSON, and answers 204."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer


class Issuer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = {"path": self.path, "type": self.headers["Content-Type"], "body": json.loads(body)}
        print(json.dumps(told), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Issuer)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
