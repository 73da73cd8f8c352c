// Node 18 or newer, no packages: who asks, read from the signed assertion.
//   GATEHOUSE_URL=https://app.example.org  AUDIENCE=app  PORT=3000  node node.mjs
// A development authority: NODE_EXTRA_CA_CERTS=authority.pem
import { createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";

const { GATEHOUSE_URL = "https://localhost:8443", AUDIENCE = "app", PORT = "3000" } = process.env;
const KEYS_URL = process.env.KEYS_URL ?? `${GATEHOUSE_URL}/.gatehouse/jwks.json`;
let keys = new Map();
let askedAt = 0;

async function keyOf(kid) {
  // A key that is not known yet is asked for once in ten seconds at most, whatever a stranger sends.
  if (!keys.has(kid) && Date.now() - askedAt > 10_000) {
    askedAt = Date.now();
    const set = await (await fetch(KEYS_URL)).json();
    keys = new Map(set.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: "jwk" })]));
  }
  return keys.get(kid);
}

/** The claims of a good assertion; throws for any other. */
async function identity(request) {
  const parts = (request.headers["x-gatehouse-assertion"] ?? "").split(".");
  if (parts.length !== 3) throw new Error("no assertion");
  const [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
  const key = header.alg === "ES256" ? await keyOf(header.kid) : undefined;
  const signature = Buffer.from(parts[2], "base64url");
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
  if (!key || !verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, signature)) throw new Error("not signed");
  if (claims.iss !== GATEHOUSE_URL || claims.aud !== AUDIENCE) throw new Error("for somebody else");
  if (claims.exp <= Date.now() / 1000) throw new Error("too old");
  return claims;
}

createServer(async (request, response) => {
  try {
    const member = await identity(request);
    // The headers say the same for whoever trusts the network; names are percent-encoded UTF-8.
    const name = decodeURIComponent(request.headers["x-user-name"] ?? "");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ tenant: member.tenant, user: member.sub, name, roles: member.roles }));
  } catch {
    response.writeHead(401).end();
  }
}).listen(Number(PORT), "127.0.0.1");
