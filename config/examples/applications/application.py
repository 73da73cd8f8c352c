"""Python 3.9 or newer and PyJWT (pip install "pyjwt[crypto]"): who asks, read from the signed assertion.

    GATEHOUSE_URL=https://app.example.org AUDIENCE=app PORT=3000 python3 application.py

A development authority: SSL_CERT_FILE=authority.pem
"""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import jwt

ISSUER = os.environ.get("GATEHOUSE_URL", "https://localhost:8443")
AUDIENCE = os.environ.get("AUDIENCE", "app")
KEYS = jwt.PyJWKClient(os.environ.get("KEYS_URL", f"{ISSUER}/.gatehouse/jwks.json"))


def identity(headers):
    """The claims of a good assertion; raises jwt.PyJWTError for any other."""
    assertion = headers.get("X-Gatehouse-Assertion", "")
    key = KEYS.get_signing_key_from_jwt(assertion)
    return jwt.decode(
        assertion, key, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER,
        options={"require": ["exp", "iat", "sub", "tenant"]})


class Application(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            member = identity(self.headers)
        except jwt.PyJWTError:
            return self.send_error(401)
        # The headers say the same for whoever trusts the network; names are percent-encoded UTF-8.
        name = unquote(self.headers.get("X-User-Name", ""))
        answer = {"tenant": member["tenant"], "user": member["sub"], "name": name, "roles": member["roles"]}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Application).serve_forever()
