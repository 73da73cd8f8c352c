// .NET 8 or newer, ASP.NET Core alone: who asks, read from the signed assertion.
//   dotnet new web, this file in place of its Program.cs, then
//   GATEHOUSE_URL=https://app.example.org AUDIENCE=app PORT=3000 dotnet run
// A development authority: SSL_CERT_FILE=authority.pem
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

var issuer = Setting("GATEHOUSE_URL", "https://localhost:8443");
var audience = Setting("AUDIENCE", "app");
var keysUrl = Setting("KEYS_URL", issuer + "/.gatehouse/jwks.json");
var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
var turn = new SemaphoreSlim(1);
var keys = new Dictionary<string, ECParameters>();
var askedAt = DateTimeOffset.MinValue;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:" + Setting("PORT", "3000"));
var application = builder.Build();
application.MapGet("/{**path}", async (HttpRequest request) =>
{
    if (await Identity(request) is not { } member) return Results.Unauthorized();
    // The headers say the same for whoever trusts the network; names are percent-encoded UTF-8.
    var name = Uri.UnescapeDataString(request.Headers["X-User-Name"].ToString());
    return Results.Json(new
    {
        tenant = member.GetProperty("tenant"), user = member.GetProperty("sub"), name,
        roles = member.GetProperty("roles")
    });
});
application.Run();

static string Setting(string name, string fallback) => Environment.GetEnvironmentVariable(name) ?? fallback;

static byte[] Decoded(string text) =>
    Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));

// A key that is not known yet is asked for once in ten seconds at most, whatever a stranger sends.
async Task<ECParameters?> KeyOf(string kid)
{
    await turn.WaitAsync();
    try
    {
        if (!keys.ContainsKey(kid) && DateTimeOffset.UtcNow - askedAt > TimeSpan.FromSeconds(10))
        {
            askedAt = DateTimeOffset.UtcNow;
            var set = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync(keysUrl));
            keys.Clear();
            foreach (var jwk in set.GetProperty("keys").EnumerateArray())
            {
                keys[jwk.GetProperty("kid").GetString()!] = new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint
                    {
                        X = Decoded(jwk.GetProperty("x").GetString()!), Y = Decoded(jwk.GetProperty("y").GetString()!)
                    }
                };
            }
        }
        return keys.TryGetValue(kid, out var key) ? key : null;
    }
    finally { turn.Release(); }
}

// The claims of a good assertion; null for any other.
async Task<JsonElement?> Identity(HttpRequest request)
{
    try
    {
        var parts = request.Headers["X-Gatehouse-Assertion"].ToString().Split('.');
        if (parts.Length != 3) return null;
        var header = JsonSerializer.Deserialize<JsonElement>(Decoded(parts[0]));
        if (header.GetProperty("alg").GetString() != "ES256") return null;
        if (await KeyOf(header.GetProperty("kid").GetString()!) is not { } parameters) return null;
        using var key = ECDsa.Create(parameters);
        var signed = Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]);
        if (!key.VerifyData(signed, Decoded(parts[2]), HashAlgorithmName.SHA256)) return null;
        var claims = JsonSerializer.Deserialize<JsonElement>(Decoded(parts[1]));
        var isOurs = claims.GetProperty("iss").GetString() == issuer
            && claims.GetProperty("aud").GetString() == audience
            && claims.GetProperty("exp").GetInt64() > DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return isOurs ? claims : null;
    }
    catch (Exception)
    {
        return null;
    }
}
