// Java 17 or newer, JDK alone: who asks, read from the signed assertion.
//   GATEHOUSE_URL=https://app.example.org AUDIENCE=app PORT=3000 java Application.java
// A development authority: keytool -importcert -file authority.pem -keystore …, then -Djavax.net.ssl.trustStore=…
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

public class Application {
    static final String ISSUER = setting("GATEHOUSE_URL", "https://localhost:8443");
    static final String AUDIENCE = setting("AUDIENCE", "app");
    static final String KEYS_URL = setting("KEYS_URL", ISSUER + "/.gatehouse/jwks.json");
    static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    static final Map<String, PublicKey> KEYS = new HashMap<>();
    static Instant askedAt = Instant.EPOCH;

    static String setting(String name, String fallback) {
        return System.getenv().getOrDefault(name, fallback);
    }

    static byte[] decoded(String text) {
        return Base64.getUrlDecoder().decode(text);
    }

    /** A member of a flat JSON object.  An application takes its JSON library instead. */
    static String member(String json, String name) {
        var found = Pattern.compile("\"" + name + "\"\\s*:\\s*(\"([^\"\\\\]*)\"|[0-9]+|\\[[^\\]]*\\])").matcher(json);
        if (!found.find()) throw new IllegalArgumentException("no " + name);
        return found.group(2) != null ? found.group(2) : found.group(1);
    }

    /** A key that is not known yet is asked for once in ten seconds at most, whatever a stranger sends. */
    static synchronized PublicKey keyOf(String kid) throws Exception {
        if (!KEYS.containsKey(kid) && askedAt.isBefore(Instant.now().minusSeconds(10))) {
            askedAt = Instant.now();
            var request = HttpRequest.newBuilder(URI.create(KEYS_URL)).timeout(Duration.ofSeconds(5)).build();
            var set = CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body();
            var curve = AlgorithmParameters.getInstance("EC");
            curve.init(new ECGenParameterSpec("secp256r1"));
            var keys = Pattern.compile("\\{[^{}]*\"kid\"[^{}]*\\}").matcher(set);
            KEYS.clear();
            while (keys.find()) {
                var jwk = keys.group();
                var point = new ECPoint(
                    new BigInteger(1, decoded(member(jwk, "x"))), new BigInteger(1, decoded(member(jwk, "y"))));
                KEYS.put(member(jwk, "kid"), KeyFactory.getInstance("EC").generatePublic(
                    new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class))));
            }
        }
        return KEYS.get(kid);
    }

    /** The claims of a good assertion, as JSON; throws for any other. */
    static String identity(HttpExchange exchange) throws Exception {
        var parts = exchange.getRequestHeaders().getFirst("X-Gatehouse-Assertion").split("\\.");
        var header = new String(decoded(parts[0]), "UTF-8");
        if (parts.length != 3 || !member(header, "alg").equals("ES256")) throw new SecurityException("no assertion");
        var verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
        verifier.initVerify(keyOf(member(header, "kid")));
        verifier.update((parts[0] + "." + parts[1]).getBytes("US-ASCII"));
        if (!verifier.verify(decoded(parts[2]))) throw new SecurityException("not signed");
        var claims = new String(decoded(parts[1]), "UTF-8");
        if (!member(claims, "iss").equals(ISSUER) || !member(claims, "aud").equals(AUDIENCE)
            || Long.parseLong(member(claims, "exp")) <= Instant.now().getEpochSecond())
            throw new SecurityException("for somebody else, or too old");
        return claims;
    }

    static void answer(HttpExchange exchange) {
        try (exchange) {
            String claims;
            try {
                claims = identity(exchange);
            } catch (Exception refused) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            // The headers say the same for whoever trusts the network; names are percent-encoded UTF-8.
            var sent = exchange.getRequestHeaders().getFirst("X-User-Name");
            var name = sent == null ? "" : URLDecoder.decode(sent.replace("+", "%2B"), "UTF-8");
            var body = ("{\"tenant\":\"" + member(claims, "tenant") + "\",\"user\":\"" + member(claims, "sub")
                + "\",\"name\":\"" + name.replace("\\", "\\\\").replace("\"", "\\\"")
                + "\",\"roles\":" + member(claims, "roles") + "}").getBytes("UTF-8");
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (Exception gone) {
            System.err.println("no answer: " + gone);
        }
    }

    public static void main(String[] arguments) throws Exception {
        var server = HttpServer.create(
            new InetSocketAddress("127.0.0.1", Integer.parseInt(setting("PORT", "3000"))), 0);
        server.createContext("/", Application::answer);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
