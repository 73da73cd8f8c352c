<?php
// PHP 8 with openssl, no packages: who asks, read from the signed assertion.
//   GATEHOUSE_URL=https://app.example.org AUDIENCE=app php -S 127.0.0.1:3000 application.php
// A development authority: SSL_CERT_FILE=authority.pem
declare(strict_types=1);

$issuer = getenv('GATEHOUSE_URL') ?: 'https://localhost:8443';
$audience = getenv('AUDIENCE') ?: 'app';
$keysURL = getenv('KEYS_URL') ?: "$issuer/.gatehouse/jwks.json";

function decoded(string $text): string
{
    return base64_decode(strtr($text, '-_', '+/'), true) ?: '';
}

/** The keys, by name, of a JWK set that is kept in a file. */
function keysIn(string $file): array
{
    $keys = [];
    foreach (json_decode(@file_get_contents($file) ?: '{}', true)['keys'] ?? [] as $jwk) {
        if ($jwk['crv'] !== 'P-256') continue;
        // A P-256 key in its X.509 form: a fixed beginning, then the point.
        $der = hex2bin('3059301306072a8648ce3d020106082a8648ce3d03010703420004')
            . str_pad(decoded($jwk['x']), 32, "\0", STR_PAD_LEFT) . str_pad(decoded($jwk['y']), 32, "\0", STR_PAD_LEFT);
        $keys[$jwk['kid']] = "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($der), 64)
            . "-----END PUBLIC KEY-----\n";
    }
    return $keys;
}

/** A key that is not known yet is asked for once in ten seconds at most, whatever a stranger sends. */
function keyOf(string $kid, string $url): ?string
{
    $file = sys_get_temp_dir() . '/gatehouse-keys-' . posix_getuid() . '-' . hash('sha256', $url);
    $keys = keysIn($file);
    if (!isset($keys[$kid]) && time() - (@filemtime($file) ?: 0) > 10) {
        $set = file_get_contents($url, false, stream_context_create(['http' => ['timeout' => 5]]));
        if ($set !== false) file_put_contents($file, $set, LOCK_EX);
        $keys = keysIn($file);
    }
    return $keys[$kid] ?? null;
}

/** r and s of an ES256 signature as the DER sequence that OpenSSL reads. */
function der(string $signature): string
{
    $integers = '';
    foreach (str_split($signature, 32) as $part) {
        $part = ltrim($part, "\0");
        if ($part === '' || ord($part[0]) > 0x7f) $part = "\0$part";
        $integers .= "\x02" . chr(strlen($part)) . $part;
    }
    return "\x30" . chr(strlen($integers)) . $integers;
}

/** The claims of a good assertion; null for any other. */
function identity(string $assertion, string $issuer, string $audience, string $keysURL): ?array
{
    $parts = explode('.', $assertion);
    if (count($parts) !== 3) return null;
    [$header, $claims] = array_map(fn($part) => json_decode(decoded($part), true), $parts);
    $signature = decoded($parts[2]);
    if (($header['alg'] ?? '') !== 'ES256' || strlen($signature) !== 64) return null;
    $key = keyOf($header['kid'] ?? '', $keysURL);
    if (!$key || openssl_verify("$parts[0].$parts[1]", der($signature), $key, OPENSSL_ALGO_SHA256) !== 1) return null;
    $isOurs = $claims['iss'] === $issuer && $claims['aud'] === $audience && $claims['exp'] > time();
    return $isOurs ? $claims : null;
}

$member = identity($_SERVER['HTTP_X_GATEHOUSE_ASSERTION'] ?? '', $issuer, $audience, $keysURL);
if (!$member) {
    http_response_code(401);
    return;
}
// The headers say the same for whoever trusts the network; names are percent-encoded UTF-8.
header('Content-Type: application/json');
echo json_encode([
    'tenant' => $member['tenant'], 'user' => $member['sub'],
    'name' => rawurldecode($_SERVER['HTTP_X_USER_NAME'] ?? ''), 'roles' => $member['roles'],
]);
